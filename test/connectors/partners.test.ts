import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readFormat, writeFormat } from "#nodes/format/format.ts";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { aliasOf, orderRef } from "#schemas/canonical/orderKey.ts";
import type { Format } from "#schemas/format.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, type Known, operationOf } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

/** Partners that exchange files over SFTP. */
const partner: Known = {
  config: {
    host: "sftp.example.com",
    username: "northwind",
    senderId: "NORTHWIND",
    senderQualifier: "ZZ",
    partnerId: "WAREHOUSE",
    partnerQualifier: "ZZ",
    warehouse: "north",
    portal: "northwind-trade",
  },
  secrets: {},
};
const ids = ["x12", "edifact", "csv-warehouse", "b2b-portal"];
const sinks = ids.flatMap((id) =>
  Object.entries(connectorOf(id).operations).flatMap(([name, { kind, samples }]) =>
    kind === "sink" ? samples.map((file) => ({ id, name, file })) : [],
  ),
);
const order = (readJson("./samples/x12.sendShippingOrder.json") as Exchange).item as Tree;

const source = (system: string) => ({ source: { node: "in", system, account: "northwind/partner" } });
/** The canonical documents that a mapping makes of a file, none with a fault. */
async function canonical(schema: "order" | "shipment", mapping: string, message: unknown): Promise<Tree[]> {
  const [system = ""] = mapping.split(".");
  const list = (await runMapping(`${mapping}.jsonata`, message, source(system))) as Tree[];
  expect(Array.isArray(list)).toBe(true);
  for (const each of list) expect(canonicalFaults(`canonical/${schema}/1`, each)).toEqual([]);
  return list;
}

/** What a source's format makes of a text, as its message has it. */
function arrived(id: string, name: string, text: string): Tree {
  const operation = connectorOf(id).operations[name];
  const format = operation && "decode" in operation ? operation.decode?.format : undefined;
  return { name, path: name, [format?.type === "csv" ? "rows" : (format?.type ?? "")]: readFormat(text, format as Format) };
}

async function written(id: string, name: string, item: unknown): Promise<{ text: string; path: string }> {
  const { request } = await operationOf(id, name, partner).render(item);
  return { text: String(request.body), path: request.path };
}

describe("what partners get", () => {
  it.each(sinks)("$file is a file that can be written", async ({ id, name, file }) => {
    const { item, answer } = readJson(`./samples/${file}`) as Exchange;
    const { render, read } = operationOf(id, name, partner);
    const call = await render(item);
    expect(call.documentKey).not.toBe("");
    expect(JSON.parse(answer.body)).toEqual({
      path: decodeURIComponent(call.request.path),
      size: Buffer.byteLength(String(call.request.body)),
    });
    expect(await read(item, answer)).toMatchObject({ ok: true });
    // The same document is written the same, so that it may be sent again.
    expect((await render(item)).request).toEqual(call.request);
  });

  it("X12 940 has what the warehouse ships, and no delimiter out of a text", async () => {
    const [line] = order.lines as Tree[];
    const { text, path } = await written("x12", "sendShippingOrder", {
      ...order,
      lines: [{ ...line, title: "Tent*~new>", quantity: 5, quantityCancelled: 1, quantityFulfilled: 2 }],
    });
    expect(path).toBe("940_SHOPIFY_5901234567001.edi");
    expect(text).toMatch(/^ISA\*00\* {10}\*00\* {10}\*ZZ\*NORTHWIND {6}\*ZZ\*WAREHOUSE /);
    expect(text).toContain("\nW01*2*EA**VN*NW-TENT-2P-GRN~\nN9*LI*14901234567001~\nG69*Tent  new ~\nW76*2~\n");
  });

  const [line] = order.lines as Tree[];
  const uuid = "7f3a1c5e-5b7d-4c1e-9a2b-3d4e5f6a7b8c";
  it.each<[string, string, Tree, string]>([
    [
      "x12",
      "sendShippingOrder",
      { externalId: uuid },
      `By SHOPIFY_${uuid} the order would be known, which has 44 characters; 22 fit. No prefix is short enough`,
    ],
    ["x12", "sendShippingOrder", { externalNumber: "PO*17" }, "PO*17 does not fit"],
    ["x12", "sendShippingOrder", { externalId: "A*1" }, "SHOPIFY_A*1 does not fit"],
    ["x12", "sendShippingOrder", { lines: [{ ...line, lineId: "L".repeat(31) }] }, `30 characters of the line's id`],
    ["x12", "sendShippingOrder", { lines: [{ ...line, sku: "S".repeat(49) }] }, "48 characters of the SKU"],
    ["edifact", "sendOrder", { externalId: "9".repeat(34) }, "which has 42 characters; 35 fit. No prefix is short enough"],
    ["edifact", "sendOrder", { lines: [{ ...line, lineId: "L".repeat(36) }] }, "35 characters of the line's id"],
    ["edifact", "sendOrder", { lines: [{ ...line, sku: "S".repeat(36) }] }, "35 characters of the SKU"],
  ])("%s refuses an id that it would have to cut (%s %j)", async (id, name, more, words) => {
    await expect(written(id, name, { ...order, ...more })).rejects.toThrow(words);
  });

  it("UUIDs stand in few characters where whole ones do not fit, and come back whole", async () => {
    const zalando = {
      ...order,
      channel: { system: "zalando", account: "northwind" },
      externalId: uuid,
      lines: [{ ...line, lineId: uuid }],
    };
    const short = ".7J5NT0CEGG2X9ZZF9UVOE17RG";
    const orders = (await written("edifact", "sendOrder", zalando)).text;
    expect(orders).toContain(`BGM+220+ZALANDO_${short}+9'`);
    expect(orders).toContain(`RFF+LI:${short}'`);
    const shipping = (await written("x12", "sendShippingOrder", { ...zalando, externalId: "10105083300694" })).text;
    expect(shipping).toContain(`N9*LI*${short}~`);
    const back: [string, string, string, string][] = [
      ["x12.shipment", "x12.shippingAdvicesArrived", "SHOPIFY_5901234567001", '"14901234567001"'],
      ["edifact.shipment", "edifact.despatchAdvicesArrived", "PO-88017", '"LI", "1"'],
    ];
    for (const [mapping, file, key, lineId] of back) {
      const sample = JSON.stringify(readJson(`./samples/${file}.json`), null, 1).replace(/\s+/g, " ");
      const answered = sample.replace(key, `ZALANDO_${short}`).replace(lineId, lineId.replace(/[^",]+"$/, `${short}"`));
      const [shipment] = await canonical("shipment", mapping, JSON.parse(answered));
      expect(shipment).toMatchObject({ orderRef: { system: "zalando", externalId: uuid }, lines: [{ lineId: uuid }, {}] });
    }
  });

  it.each<[string, Tree, string]>([
    ["the shipment's id", { shipmentId: uuid }, "35 characters of the shipment's id"],
    ["a tracking number", { trackingNumbers: [{ number: "1".repeat(36) }] }, "35 characters of the tracking number"],
    ["a carrier's code", { carrier: { code: "C".repeat(18), name: "Carrier" } }, "17 characters of the carrier's code"],
    ["a package's id", { packages: [{ packageId: uuid }] }, "35 characters of the package's id"],
  ])("DESADV refuses %s that it would have to cut", async (_, more, words) => {
    const { item } = readJson("./samples/edifact.sendDespatchAdvice.json") as { item: Tree };
    await expect(written("edifact", "sendDespatchAdvice", { ...item, ...more })).rejects.toThrow(words);
  });

  it("a region goes out as its code, never as the beginning of a name", async () => {
    const to = (region: string) => ({ ...order, shipTo: { ...(order.shipTo as Tree), region, countryCode: "DE" } });
    expect((await written("x12", "sendShippingOrder", to("BY"))).text).toContain("N4*Reno*BY*89501*DE");
    expect((await written("x12", "sendShippingOrder", to("Bayern"))).text).toContain("N4*Reno**89501*DE");
    expect((await written("edifact", "sendOrder", to("Bayern"))).text).toContain("+Reno+Bayern+89501+DE");
    expect((await written("edifact", "sendOrder", to("Baden-Württemberg"))).text).toContain("+Reno++89501+DE");
  });

  it("an order that came as X12 850 goes to the warehouse as 940, though it does not say what is to be shipped", async () => {
    const [came = {}] = await canonical("order", "x12.order", readJson("./samples/x12.ordersArrived.json"));
    expect(JSON.stringify(came)).not.toContain("requiresShipping");
    await expect(written("x12", "sendShippingOrder", came)).rejects.toThrow(
      "By X12--NORTHWIND-PARTNER_PO-88017 the order would be known",
    );
    came.channel = { ...(came.channel as Tree), alias: "RETAIL" };
    expect((await written("x12", "sendShippingOrder", came)).text).toMatch(/\nW01\*12\*EA\*\*VN\*NW-TENT-2P-GRN~.*\nW76\*36~/s);
    expect((await written("edifact", "sendOrder", came)).text).toContain("CNT+2:2'");
    expect(readFormat((await written("csv-warehouse", "sendOrder", came)).text, { type: "csv" })).toHaveLength(2);
  });

  it("997 acknowledges every transaction of the file that arrived", async () => {
    const { text } = await written("x12", "acknowledge", readJson("./samples/x12.shippingAdvicesArrived.json"));
    expect(text).toContain("\nAK1*SW*945~\nAK2*945*0001~\nAK5*A~\nAK9*A*1*1*1~\n");
    expect(text).toMatch(/^ISA.*\*NORTHWIND {6}\*ZZ\*WAREHOUSE /);
  });

  it("CSV for a warehouse has a row for each line that is still open", async () => {
    const { text } = await written("csv-warehouse", "sendOrder", order);
    const rows = readFormat(text, { type: "csv" }) as Tree[];
    expect(
      rows.map(({ order_id, line_id, sku, quantity, city, country }) => [order_id, line_id, sku, quantity, city, country]),
    ).toEqual([
      ["SHOPIFY_5901234567001", "14901234567001", "NW-TENT-2P-GRN", "1", "Reno", "US"],
      ["SHOPIFY_5901234567001", "14901234567002", "NW-MUG-TI-450", "2", "Reno", "US"],
    ]);
  });
});

/** The order's number 1001 of two shops, and of another system: three orders. */
const channels = [
  { system: "woocommerce", account: "a.co", alias: aliasOf("a.co") },
  { system: "woocommerce", account: "b.co", alias: aliasOf("b.co") },
  { system: "vendure", account: "shop" },
];

describe.each([
  ["x12", "sendShippingOrder", /W05\*N\*([^*]+)/],
  ["csv-warehouse", "sendOrder", /\n([^,]+),/],
  ["edifact", "sendOrder", /BGM\+220\+([^+]+)/],
])("orders of one number to %s", (id, name, known) => {
  const from = (channel: Tree) => ({ ...order, channel, externalId: "1001" });

  it("are files of their own, known by names of their own, by which the way back finds shop and order", async () => {
    const sent = await Promise.all(channels.map((channel) => written(id, name, from(channel))));
    expect(new Set(sent.map(({ path }) => path)).size).toBe(channels.length);
    expect(sent.map(({ text }) => orderRef(known.exec(text)?.[1]))).toEqual([
      { system: "woocommerce", account: "A-CO", externalId: "1001" },
      { system: "woocommerce", account: "B-CO", externalId: "1001" },
      { system: "vendure", externalId: "1001" },
    ]);
  });

  it("are the same whenever they are sent, and another content of one waits for a person", async () => {
    const { render, operation } = operationOf(id, name, partner);
    const at = async (now: string) => (await render(from({ system: "shopify", account: "a" }), undefined, { now })).request;
    expect(await at("2026-09-21T11:07:00.000Z")).toEqual(await at("2026-09-14T10:00:00.000Z"));
    // What the engine does of that mode is judged where it decides (effectDecision.test.ts).
    expect(operation).toMatchObject({ idempotency: { mode: "key" } });
  });
});

describe("what partners send", () => {
  it("X12 850 becomes canonical orders whose money adds up", async () => {
    const [only] = await canonical("order", "x12.order", readJson("./samples/x12.ordersArrived.json"));
    expect(only).toMatchObject({
      externalId: "PO-88017",
      orderedAt: "2026-09-14T12:00:00Z",
      deliverBy: "2026-09-21T12:00:00Z",
      shipTo: { company: "RETAIL STORE 17", postalCode: "89501" },
      buyer: { company: "RETAIL CORP" },
      lines: [
        { lineId: "1", sku: "NW-TENT-2P-GRN", channelProductId: "R-100-17", quantity: 12, unitPrice: "180.50" },
        { sku: "NW-MUG-TI-450", quantity: 24, gross: "174.00" },
      ],
      totals: { gross: "2340.00", grand: "2340" },
    });
  });

  it("X12 945 becomes canonical shipments", async () => {
    const [only] = await canonical("shipment", "x12.shipment", readJson("./samples/x12.shippingAdvicesArrived.json"));
    expect(only).toMatchObject({
      shipmentId: "SHP-20417",
      orderRef: { system: "shopify", externalId: "5901234567001", number: "#1501" },
      carrier: { code: "UPSN" },
      trackingNumbers: [{ number: "1ZNW0000000000017" }],
      lines: [
        { lineId: "14901234567001", sku: "NW-TENT-2P-GRN", quantity: 1 },
        { sku: "NW-MUG-TI-450", quantity: 2 },
      ],
    });
  });

  it("a warehouse's 945 of our 940 names our order's lines", async () => {
    const { text } = await written("x12", "sendShippingOrder", order);
    const sent = readFormat(text, { type: "x12" }) as { interchanges: { groups: { transactions: { segments: Tree[] }[] }[] }[] };
    const segments = sent.interchanges[0]?.groups[0]?.transactions[0]?.segments ?? [];
    const answer = writeFormat(
      {
        sender: { id: "WAREHOUSE" },
        receiver: { id: "NORTHWIND" },
        control: 7,
        date: "20260915",
        time: "1200",
        transactions: [
          {
            type: "945",
            segments: [
              ["W06", "F", segments[0]?.W0502, "20260915", "S-1"],
              ...segments.flatMap(({ id, ...part }) =>
                id === "LX"
                  ? [["LX", part.LX01]]
                  : id === "W01"
                    ? [["W12", "CC", part.W0101, part.W0101, "0", "EA", "", "VN", part.W0105]]
                    : id === "N9"
                      ? [["N9", part.N901, part.N902]]
                      : [],
              ),
            ],
          },
        ],
      },
      { type: "x12" },
    );
    const [shipment] = await canonical("shipment", "x12.shipment", arrived("x12", "shippingAdvicesArrived", answer));
    expect(shipment).toMatchObject({
      orderRef: { system: "shopify", externalId: order.externalId },
      lines: (order.lines as Tree[]).map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity })),
    });
  });

  it("EDIFACT ORDERS comes back as the order that was sent", async () => {
    const { text } = await written("edifact", "sendOrder", order);
    const [back] = await canonical("order", "edifact.order", arrived("edifact", "ordersArrived", text));
    const lines = (order.lines as Tree[]).map(({ lineId, sku, quantity, unitPrice, title }) => ({
      lineId,
      sku,
      quantity,
      unitPrice,
      title,
    }));
    const { city, postalCode, countryCode, line1 } = order.shipTo as Tree;
    expect(back).toMatchObject({
      externalId: `SHOPIFY_${order.externalId}`,
      externalNumber: order.externalNumber,
      currency: order.currency,
      shipTo: { city, postalCode, countryCode, line1 },
      lines,
    });
  });

  /** An ORDERS of one line: 24 pieces, with what is said of its price. */
  const ordersOf = (mark: string, pri: string, quantity = "24"): Tree => {
    const segments = [
      "UNH+1+ORDERS:D:96A:UN",
      "BGM+220+PO-7+9",
      "DTM+137:20260701:102",
      "NAD+DP+++North Shop+Quay 1+Kiel++24103+DE",
      "CUX+2:EUR:9",
      "LIN+1++4000862141404:EN",
      ...(quantity === "" ? [] : [`QTY+21:${quantity}`]),
      ...(pri === "" ? [] : [`PRI+${pri}`]),
      "UNS+S",
      "CNT+2:1",
    ];
    const all = ["UNB+UNOC:3+AA:14+BB:14+260701:1000+1", ...segments, `UNT+${segments.length + 1}+1`, "UNZ+1+1"];
    return arrived("edifact", "ordersArrived", `UNA:+${mark}? '${all.map((segment) => `${segment}'`).join("")}`);
  };

  it.each([
    [".", "AAA:12.50", "12.50", "300.00"],
    [",", "AAA:12,50", "12.50", "300.00"],
    // Whatever UNA names, either mark is one.
    [".", "AAB:12,5:CT", "12.5", "300.0"],
    // A hundred pieces cost 125.00.
    [".", "AAA:125.00:CT::100:PCE", "1.25", "30.00"],
    [",", "AAA:100,00:CT::7:PCE", "14.285833", "342.86"],
  ])("a price of EDIFACT, %s as decimal mark, %s, is %s a piece", async (mark, pri, unitPrice, gross) => {
    const [only] = await canonical("order", "edifact.order", ordersOf(mark, pri));
    expect(only).toMatchObject({ lines: [{ quantity: 24, unitPrice, gross }], totals: { gross } });
  });

  it("a line of EDIFACT without a price or a quantity is refused by name", async () => {
    await expect(canonical("order", "edifact.order", ordersOf(".", ""))).rejects.toThrow(
      "Line 1 of the order PO-7 says no price",
    );
    await expect(canonical("order", "edifact.order", ordersOf(".", "AAA:1", ""))).rejects.toThrow(
      "Line 1 of the order PO-7 says no quantity",
    );
  });

  it("EDIFACT DESADV comes back as the shipment that was sent", async () => {
    const { item } = readJson("./samples/edifact.sendDespatchAdvice.json") as { item: Tree };
    const { text } = await written("edifact", "sendDespatchAdvice", item);
    const [back] = await canonical("shipment", "edifact.shipment", arrived("edifact", "despatchAdvicesArrived", text));
    const { shipmentId, carrier, trackingNumbers, packages, lines } = item;
    expect(back).toMatchObject({ shipmentId, carrier, trackingNumbers, packages, lines, shippedAt: "2026-09-15T00:00:00Z" });
  });

  it("one CSV file of a warehouse becomes a shipment for each of its numbers", async () => {
    const shipments = await canonical(
      "shipment",
      "csv-warehouse.shipment",
      readJson("./samples/csv-warehouse.shipmentsArrived.json"),
    );
    expect(
      shipments.map(({ shipmentId, orderRef, lines }) => [shipmentId, (orderRef as Tree).externalId, (lines as Tree[]).length]),
    ).toEqual([
      ["SHP-20417", "5901234567001", 2],
      ["SHP-20418", "5901234567002", 1],
    ]);
  });

  it("one CSV file of a portal becomes an order for each of its numbers, discounts and taxes included", async () => {
    const orders = await canonical("order", "b2b-portal.order", readJson("./samples/b2b-portal.ordersArrived.json"));
    expect(orders.map(({ externalId, totals, lines }) => [externalId, (totals as Tree).grand, (lines as Tree[]).length])).toEqual(
      [
        ["B2B-1017", "2082.70", 1],
        ["B2B-1018", "271.80", 2],
      ],
    );
  });

  it("a portal's order whose total is a cent off is refused", async () => {
    const message = readJson("./samples/b2b-portal.ordersArrived.json") as { rows: Tree[] };
    const rows = message.rows.slice(0, 1).map((row) => ({ ...row, total: "2082.71" }));
    const [off] = (await runMapping("b2b-portal.order.jsonata", { ...message, rows }, source("b2b-portal"))) as Tree[];
    expect(canonicalFaults("canonical/order/1", off)).toMatchObject([{ code: "order.I5", path: "/totals/grand" }]);
  });

  it("the public example of an 850 becomes an order of all its lines", async () => {
    let text: string;
    try {
      text = readFileSync(new URL("../../../shared/fixtures/edi/x12/850.edi", import.meta.url), "utf8");
    } catch {
      return console.warn("Skipped: the example is not on this machine.");
    }
    const [only] = await canonical("order", "x12.order", arrived("x12", "ordersArrived", text));
    expect(only).toMatchObject({
      externalId: "08292233294",
      currency: "USD",
      lines: expect.arrayContaining([expect.objectContaining({ sku: "AB3542", quantity: 120, unitPrice: "9.25" })]),
    });
  });
});
