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

async function send(id: string, operation: string, order: Order): Promise<Tree> {
  const { request } = await operationOf(id, operation, connectionOf(connectorOf(id))).render(order);
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

  it("is sent what is open of an order", async () => {
    const order = withLines(await open(), { quantityFulfilled: 1 });
    expect(JSON.stringify(await send(id, operation, order))).toContain("NW-TENT-2P-GRN");
  });
});

describe("ShipStation", () => {
  const sent = async (more: Tree): Promise<Tree> =>
    (await send("shipstation", "createOrder", { ...(await open()), ...more })).body as Tree;

  it("lets an order wait for its payment, and a cancelled one ships nothing", async () => {
    expect(await sent({ status: "pending" })).toMatchObject({
      orderStatus: "awaiting_payment",
      items: [{ quantity: 1 }, { quantity: 2 }],
    });
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

describe("a cancelled order", () => {
  const source = { source: { node: "orders", system: "x", account: "account" } };
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
