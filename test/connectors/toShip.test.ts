import { describe, expect, it } from "vitest";
import { type Order, sample, type Tree } from "./erp.fixture.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import { connectorOf, operationOf } from "./operation.fixture.ts";

/** Which orders leave for a warehouse: I10, nothing is shipped twice and nothing that nobody pays. */

const warehouses = [
  ["shiphero", "createOrder"],
  ["shipstation", "createOrder"],
  ["extensiv", "createOrder"],
  ["x12", "sendShippingOrder"],
  ["csv-warehouse", "sendOrder"],
  ["edifact", "sendOrder"],
] as const;

async function send(id: string, operation: string, order: Order, config: Tree = {}): Promise<Tree> {
  const { request } = await operationOf(id, operation, connectionOf(connectorOf(id)), config).render(order);
  return request as unknown as Tree;
}

const open = (): Promise<Order> => sample("us-two-lines");
const withLines = (order: Order, more: Tree): Order => ({
  ...order,
  lines: order.lines.map((line) => ({ ...line, ...more, quantity: 2 })),
});

const refused: [string, (order: Order) => Order, string][] = [
  ["that its channel ships", (order) => ({ ...order, fulfilledBy: "channel" }), "the channel ships it itself"],
  [
    "of which its channel ships a part",
    (order) => ({ ...withLines(order, { fulfilledBy: null }), fulfilledBy: "mixed" }),
    "the channel ships a part of it",
  ],
  ["that was paid back", (order) => ({ ...order, status: "closed", paymentStatus: "refunded" }), "Nothing of the order"],
  ["that has left", (order) => withLines(order, { quantityFulfilled: 2 }), "all of its goods have left"],
  [
    "of which all was cancelled",
    (order) => withLines(order, { quantityCancelled: 2 }),
    "all of its goods have left or were cancelled",
  ],
  ["that a shop made to try its checkout", (order) => ({ ...order, orderKind: "test" }), "it is a test"],
  ["without an address", (order) => ({ ...order, shipTo: null }), "it has no address to ship to"],
  [
    "without a part of its address",
    (order) => ({ ...order, shipTo: { ...(order.shipTo as Tree), complete: false } }),
    "a part of its address is missing. Attach it",
  ],
];

describe.each(warehouses)("%s", (id, operation) => {
  it.each(refused)("is sent no order %s", async (_, change, why) => {
    await expect(send(id, operation, change(await open()))).rejects.toThrow(why);
  });

  // ShipStation has both: what is cancelled there ships no more, what awaits its payment waits.
  it.skipIf(id === "shipstation").each(["cancelled", "pending"])("is sent no order that is %s", async (status) => {
    await expect(send(id, operation, { ...(await open()), status })).rejects.toThrow("Nothing of the order #1501 is to ship");
  });

  it("is sent the merchant's lines alone of an order of which its channel ships a part", async () => {
    const order = await open();
    const lines = order.lines.map((line, at) => ({ ...line, fulfilledBy: at === 0 ? "merchant" : "channel" }));
    const text = JSON.stringify(await send(id, operation, { ...order, fulfilledBy: "mixed", lines }));
    expect(text).toContain(String(order.lines[0]?.sku));
    expect(text).not.toContain(String(order.lines[1]?.sku));
  });

  it.skipIf(id === "shipstation")("is sent no order that nobody has paid, but where the node says so", async () => {
    const order = { ...(await open()), paymentStatus: "pending" };
    await expect(send(id, operation, order)).rejects.toThrow("Nothing of the order #1501 is to ship: it is not paid");
    expect(JSON.stringify(await send(id, operation, order, { unpaidOrders: true }))).toContain("NW-TENT-2P-GRN");
  });

  it("is sent a test where the node says so", async () => {
    const order = { ...(await open()), orderKind: "test" };
    expect(JSON.stringify(await send(id, operation, order, { testOrders: true }))).toContain("NW-TENT-2P-GRN");
  });

  it("is sent every line of an address", async () => {
    const order = await open();
    const shipTo = { ...(order.shipTo as Tree), line1: "Hof Sonnenau 3", line2: "bei Lind", line3: "vierter Stock" };
    const sent = JSON.stringify(await send(id, operation, { ...order, shipTo }));
    for (const line of ["Hof Sonnenau 3", "bei Lind", "vierter Stock"]) expect(sent).toContain(line);
  });

  it("is sent what is open of an order", async () => {
    const order = withLines(await open(), { quantityFulfilled: 1 });
    expect(JSON.stringify(await send(id, operation, order))).toContain("NW-TENT-2P-GRN");
  });
});

describe("the address in a file", () => {
  const long = {
    name: "Mara Lind",
    company: "Gesellschaft zur Erhaltung alter Berghütten im Allgäu e.V.",
    line1: "Königlich-Bayerische Straße 17, im Hof rechts bei der Familie Lind",
    line2: "vierter Stock",
    line3: "Klingel zweimal",
  };
  const written = async (id: string, name: string, more: Tree = {}): Promise<string> => {
    const order = await open();
    return String((await send(id, name, { ...order, shipTo: { ...(order.shipTo as Tree), ...long, ...more } })).body);
  };

  it("goes out with every line and every word of it", async () => {
    expect(await written("x12", "sendShippingOrder")).toContain(
      [
        "N1*ST*Gesellschaft zur Erhaltung alter Berghütten im Allgäu e.V.~",
        "N2*Mara Lind~",
        "N3*Königlich-Bayerische Straße 17, im Hof rechts bei der*Familie Lind~",
        "N3*vierter Stock*Klingel zweimal~",
      ].join("\n"),
    );
    expect(await written("edifact", "sendOrder", { line2: null })).toContain(
      "NAD+DP+++Gesellschaft zur Erhaltung alter:Berghütten im Allgäu e.V.:Mara Lind" +
        "+Königlich-Bayerische Straße 17, im:Hof rechts bei der Familie Lind:Klingel zweimal+Reno",
    );
  });

  it.each<[string, string, Tree, string]>([
    ["x12", "sendShippingOrder", { line1: "S".repeat(56) }, "4 lines of 55 characters for the street"],
    ["x12", "sendShippingOrder", { city: "C".repeat(31) }, "one line of 30 characters for the city"],
    ["x12", "sendShippingOrder", { company: "Aktien ".repeat(9) }, "one line of 60 characters for the name"],
    ["edifact", "sendOrder", { line2: "im Hof rechts ".repeat(8) }, "4 lines of 35 characters for the street"],
    ["edifact", "sendOrder", { postalCode: "1234567890" }, "one line of 9 characters for the postal code"],
  ])("of %s is refused where it would have to be cut (%s %j)", async (id, name, more, words) => {
    await expect(written(id, name, more)).rejects.toThrow(words);
  });
});

describe("ShipStation", () => {
  const sent = async (more: Tree, config: Tree = {}): Promise<Tree> =>
    (await send("shipstation", "createOrder", { ...(await open()), ...more }, config)).body as Tree;

  it("lets an order wait for its payment, and a cancelled one ships nothing", async () => {
    expect(await sent({ status: "pending" })).toMatchObject({
      orderStatus: "awaiting_payment",
      items: [{ quantity: 1 }, { quantity: 2 }],
    });
    expect(await sent({ paymentStatus: "pending" })).toMatchObject({ orderStatus: "awaiting_payment" });
    const onDelivery = await sent({ paymentStatus: "pending" }, { unpaidOrders: true });
    expect(onDelivery).toMatchObject({ orderStatus: "awaiting_shipment", amountPaid: 0 });
    expect(await sent({ status: "cancelled" })).toMatchObject({ orderStatus: "cancelled", items: [] });
  });

  it.each([
    ["2026-07-15T16:12:33Z", "2026-07-15T09:12:33.0000000"],
    ["2026-01-15T17:12:33.500Z", "2026-01-15T09:12:33.0000000"],
    ["2026-07-15T18:12:33+02:00", "2026-07-15T09:12:33.0000000"],
  ])("is told California's time of %s, in summer and in winter", async (orderedAt, orderDate) => {
    expect(await sent({ orderedAt })).toMatchObject({ orderDate, paymentDate: orderDate });
  });
});

const source = { source: { node: "orders", system: "x", account: "account" } };
const mapped = async (mapping: string, document: unknown): Promise<Order> =>
  (await runMapping(mapping, document, source)) as Order;
const read = (file: string): Tree => readJson(`./samples/${file}`) as Tree;

describe("an order that eBay's partner sends on", () => {
  const abroad = read("ebay.ordersChanged.international.json");
  const { fulfillments } = JSON.parse((read("ebay.readFulfillments.json").answer as { body: string }).body) as Tree;
  const text = async (document: Tree): Promise<string> =>
    String((await send("x12", "sendShippingOrder", await mapped("ebay.order.jsonata", document))).body);

  it("is the seller's to ship to the partner, with the partner's reference right above the street", async () => {
    const order = await mapped("ebay.order.jsonata", abroad);
    expect(order).toMatchObject({
      fulfilledBy: "merchant",
      shipTo: { line1: "Reference #1234567890123456", line2: "1850 Hub Road", countryCode: "US", complete: true },
      externalIds: { shipToReference: "1234567890123456" },
    });
    const sent = await text({ ...abroad, fulfillments });
    expect(sent).toMatch(
      /N1\*ST\*International.*\nN2\*Camille Tremblay~\nN3\*Reference #1234567890123456\*1850 Hub Road~\nN3\*Suite 200/,
    );
  });

  it("is shipped without the pieces that have left, and not at all where nobody knows them", async () => {
    expect(await text({ ...abroad, fulfillments })).toContain("\nW01*3*EA");
    await expect(text(abroad)).rejects.toThrow("a part of it has left, and its lines do not say how many pieces");
  });

  it.each<[string, Tree]>([
    ["a fulfilment programme", { program: { fulfillmentProgram: { fulfilledBy: "EBAY" } } }],
    ["its instructions", { fulfillmentStartInstructions: [{ fulfillmentInstructionsType: "FULFILLED_BY_EBAY" }] }],
  ])("is eBay's own only by %s", async (_, more) => {
    expect(await mapped("ebay.order.jsonata", { ...abroad, ...more })).toMatchObject({ fulfilledBy: "channel" });
  });
});

describe("an order of Mirakl", () => {
  const waiting = read("mirakl.ordersChanged.waiting.json");

  it("is the shop's to ship while it may not say so yet, and the operator's by its fulfilment centre alone", async () => {
    expect(waiting.can_shop_ship).toBe(false);
    expect(await mapped("mirakl.order.jsonata", waiting)).toMatchObject({ fulfilledBy: "merchant", paymentStatus: "pending" });
    const { fulfillment: _, ...nowhere } = waiting;
    expect(await mapped("mirakl.order.jsonata", nowhere)).toMatchObject({ fulfilledBy: "merchant" });
    const theirs = { ...waiting, fulfillment: { center: { code: "OPERATOR-NORTH" } } };
    expect(await mapped("mirakl.order.jsonata", theirs)).toMatchObject({ fulfilledBy: "channel" });
  });

  it("that is paid on shipment leaves once the shop is asked to ship it", async () => {
    const asked = { ...read("mirakl.ordersChanged.fr.json"), customer_debited_date: null, payment_workflow: "PAY_ON_SHIPMENT" };
    const order = await mapped("mirakl.order.jsonata", asked);
    expect(order).toMatchObject({ status: "open", paymentStatus: "authorized" });
    expect(JSON.stringify(await send("csv-warehouse", "sendOrder", order))).toContain("NW-TENT-2P");
  });

  it("bears the operator's tax apart from the shop's", async () => {
    const taxOf = async (file: string) =>
      (await mapped("mirakl.order.jsonata", read(file))).lines.flatMap((line) => (line as Tree).taxes as Tree[]);
    expect(await taxOf("mirakl.ordersChanged.us.json")).toMatchObject([{ amount: "7.08", collectedBy: "marketplace" }]);
    for (const tax of await taxOf("mirakl.ordersChanged.fr.json")) expect(tax.collectedBy).toBe("seller");
  });
});

describe("a cancelled order", () => {
  const cancelled: [string, string, Tree][] = [
    ["ebay.order.jsonata", "ebay.ordersChanged.us.json", { cancelStatus: { cancelState: "CANCELED" } }],
    ["etsy.order.jsonata", "etsy.receiptsChanged.us.json", { status: "Canceled", is_shipped: false }],
    ["woocommerce.order.jsonata", "woocommerce.ordersChanged.json", { status: "cancelled" }],
  ];

  it.each(cancelled)("has nothing open on its lines: %s", async (mapping, file, more) => {
    const document = { ...(readJson(`./samples/${file}`) as Tree), ...more };
    const { status, lines } = (await runMapping(mapping, document, source)) as Order;
    expect(status).toBe("cancelled");
    for (const line of lines as Tree[])
      expect(Number(line.quantity) - Number(line.quantityFulfilled) - Number(line.quantityCancelled)).toBe(0);
  });
});
