import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import type { Order, Tree } from "./erp.fixture.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { evaluate, readJson, readText, runMapping } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

/** What marketplaces are told of shipments: only what has left, every number of it, and of which lines. */

interface Shipment extends Tree {
  shipmentId: string;
  trackingNumbers: { number: string }[];
  lines: { lineId?: string | null; sku: string; quantity: number; packageId?: string }[];
}

const shipmentOf = (id: string, operation = "confirmShipment"): Shipment =>
  (readJson(`./samples/${id}.${operation}.json`) as Exchange).item as Shipment;
const confirmOf = (id: string, operation = "confirmShipment") => operationOf(id, operation, connectionOf(connectorOf(id)));
const bodyOf = async (id: string, shipment: Tree, operation?: string): Promise<Tree> =>
  (await confirmOf(id, operation).render(shipment)).request.body as Tree;

const all = ["amazon", "walmart", "ebay", "etsy", "mirakl", "woocommerce", "vendure", "mercado-libre", "otto", "shopify"];
/** The operations that tell of a shipment, confirming it or not. */
const told: [string, string][] = [
  ...all.map((id): [string, string] => [id, "confirmShipment"]),
  ["b2b-portal", "confirmShipment"],
  ["edifact", "sendDespatchAdvice"],
  ["zalando", "setTracking"],
];

describe.each(told)("%s.%s", (id, operation) => {
  it.each(["cancelled", "planned", "packed"])("is not told of a shipment that is %s", async (status) => {
    await expect(bodyOf(id, { ...shipmentOf(id, operation), status }, operation)).rejects.toThrow(
      `is ${status}: nothing of it has left.`,
    );
  });

  it("is told of one that has been delivered", async () => {
    expect(await bodyOf(id, { ...shipmentOf(id, operation), status: "delivered" }, operation)).toBeDefined();
  });
});

describe.each(["amazon", "walmart", "ebay", "etsy", "mirakl", "vendure", "mercado-libre"])("%s", (id) => {
  it("takes one tracking number, so that of two none is kept from the buyer", async () => {
    const shipment = shipmentOf(id);
    const trackingNumbers = [...shipment.trackingNumbers, { number: "1Z9999999999999999" }];
    await expect(bodyOf(id, { ...shipment, trackingNumbers })).rejects.toThrow("has more than one tracking number");
  });
});

describe("the split of a shipment by its packages that the docs show", () => {
  it("makes a valid shipment of each, which a marketplace takes", async () => {
    const docs = readText("../../docs/flows.md");
    const [, expression = ""] = /```jsonata\n(packages\.[\s\S]*?)```/.exec(docs) ?? [];
    const [line] = shipmentOf("amazon").lines;
    const shipment = {
      ...shipmentOf("amazon"),
      trackingNumbers: [{ number: "1Z1" }, { number: "1Z2" }],
      packages: [
        { packageId: "A", trackingNumber: "1Z1" },
        { packageId: "B", trackingNumber: "1Z2" },
      ],
      lines: [
        { ...line, packageId: "A" },
        { ...line, packageId: "B", quantity: 2 },
        { ...line, packageId: "B", quantity: 3 },
      ],
    };
    const parts = (await evaluate(expression, shipment)) as Shipment[];
    expect(parts.map(({ shipmentId, lines }) => [shipmentId, lines.map(({ quantity }) => quantity)])).toEqual([
      ["SHP-20417/A", [1]],
      ["SHP-20417/B", [2, 3]],
    ]);
    for (const [index, part] of parts.entries()) {
      expect(canonicalFaults("canonical/shipment/1", part)).toEqual([]);
      expect(await bodyOf("amazon", part)).toMatchObject({ packageDetail: { trackingNumber: `1Z${index + 1}` } });
    }
  });
});

describe("what warehouses that ship an order in several parcels say of it", () => {
  it("a 945 says which piece left under which number, marked or not", async () => {
    const file = readJson("./samples/x12.shippingAdvicesArrived.json") as Tree;
    const transaction = { type: "945", control: "1", W06: [{ W0602: "417", W0603: "20260915", W0604: "SHP-1" }] };
    const piece = (sku: string, marks: [string, string][]): Tree => ({
      W12: [{ W1203: "1", W1208: sku }],
      MAN: marks.map(([MAN01, MAN02]) => ({ MAN01, MAN02 })),
    });
    const lines = [
      piece("TENT", [
        ["GM", "0034"],
        ["CP", "1Z1"],
      ]),
      piece("MUG", [
        ["GM", "0034"],
        ["CP", "1Z1"],
      ]),
      piece("STOVE", [["CP", "1Z2"]]),
      piece("PEG", []),
    ];
    const x12 = { interchanges: [{ groups: [{ transactions: [{ ...transaction, lines }] }] }] };
    const [shipment] = (await runMapping("x12.shipment.jsonata", { ...file, x12 })) as [Shipment];
    expect(canonicalFaults("canonical/shipment/1", shipment)).toEqual([]);
    expect(shipment).toMatchObject({
      trackingNumbers: [{ number: "1Z1" }, { number: "1Z2" }],
      packages: [
        { packageId: "0034", trackingNumber: "1Z1" },
        { packageId: "1Z2", trackingNumber: "1Z2" },
      ],
    });
    expect(shipment.lines.map(({ packageId }) => packageId)).toEqual(["0034", "0034", "1Z2", undefined]);
  });

  it("so do the rows of a CSV file", async () => {
    const file = readJson("./samples/csv-warehouse.shipmentsArrived.json") as { rows: Tree[] };
    const [row] = file.rows;
    const rows = ["1Z1", "1Z2", ""].map((tracking_number) => ({ ...row, tracking_number }));
    const [shipment] = (await runMapping("csv-warehouse.shipment.jsonata", { ...file, rows })) as [Shipment];
    expect(canonicalFaults("canonical/shipment/1", shipment)).toEqual([]);
    expect(shipment).toMatchObject({ packages: ["1Z1", "1Z2"].map((number) => ({ packageId: number, trackingNumber: number })) });
    expect(shipment.lines.map(({ packageId }) => packageId)).toEqual(["1Z1", "1Z2", undefined]);
  });
});

/** Where the lines stand in a request, as `line id x quantity`; what Get order gives is attached as `order`. */
const named: [string, (body: Tree) => Tree[], string][] = [
  ["amazon", (body) => (body.packageDetail as Tree).orderItems as Tree[], "orderItemId"],
  ["walmart", (body) => ((body.orderShipment as Tree).orderLines as Tree).orderLine as Tree[], "lineNumber"],
  ["ebay", (body) => body.lineItems as Tree[], "lineItemId"],
  ["mirakl", (body) => (body.shipments as [Tree])[0].shipment_lines as Tree[], "order_line_id"],
  ["vendure", (body) => ((body.variables as Tree).input as Tree).lines as Tree[], "orderLineId"],
  ["otto", (body) => body.positionItems as Tree[], "positionItemId"],
];

/** An order as Get order attaches it, with a line of each SKU that the sample shipment has. */
const orders: Record<string, (lines: Shipment["lines"]) => Tree> = {
  amazon: (lines) => ({
    orderItems: lines.map(({ lineId, sku, quantity }) => ({
      orderItemId: lineId,
      quantityOrdered: quantity,
      product: { sellerSku: sku },
    })),
  }),
  walmart: (lines) => ({
    orderLines: {
      orderLine: lines.map(({ lineId, sku, quantity }) => ({
        lineNumber: lineId,
        item: { sku },
        orderLineStatuses: { orderLineStatus: [{ status: "Acknowledged", statusQuantity: { amount: String(quantity) } }] },
      })),
    },
  }),
  ebay: (lines) => ({
    lineItems: lines.map(({ lineId, sku, quantity }) => ({
      lineItemId: lineId,
      sku,
      quantity,
      lineItemFulfillmentStatus: "NOT_STARTED",
    })),
  }),
  mirakl: (lines) => ({
    order_lines: lines.map(({ lineId, sku, quantity }) => ({
      order_line_id: lineId,
      offer_sku: sku,
      quantity,
      order_line_state: "SHIPPING",
    })),
  }),
  vendure: (lines) => ({ lines: lines.map(({ lineId, sku, quantity }) => ({ id: lineId, quantity, productVariant: { sku } })) }),
  otto: (lines) => ({
    positionItems: lines.map(({ lineId, sku }) => ({
      positionItemId: lineId,
      fulfillmentStatus: "PROCESSABLE",
      product: { sku },
    })),
  }),
};

describe.each(named)("%s, of a shipment whose lines an ERP has given no id", (id, linesOf, key) => {
  const without = (): Shipment => {
    const shipment = shipmentOf(id);
    return { ...shipment, lines: shipment.lines.map((line) => ({ ...line, lineId: null })) };
  };

  it("is told nothing", async () => {
    await expect(bodyOf(id, without())).rejects.toThrow('Attach the order by its lookup as "order" before this node');
  });

  it("is told of the lines that the attached order has under the same SKU", async () => {
    const { lines } = shipmentOf(id);
    const sent = linesOf(await bodyOf(id, { ...without(), order: orders[id]?.(lines) }));
    expect(sent.map((line) => line[key])).toEqual(lines.map(({ lineId }) => lineId));
    await expect(bodyOf(id, { ...without(), order: orders[id]?.([]) })).rejects.toThrow("Attach the order");
  });
});

describe("a shipment that stands already is found", () => {
  const stands: [string, (lines: Shipment["lines"]) => Tree, Tree][] = [
    [
      "walmart",
      (lines) => ({
        order: {
          orderLines: {
            orderLine: lines.map(({ lineId, sku }) => ({
              lineNumber: lineId,
              item: { sku },
              orderLineStatuses: { orderLineStatus: [{ trackingInfo: { trackingNumber: "1Z0000000000000018" } }] },
            })),
          },
        },
      }),
      {},
    ],
    [
      "otto",
      (lines) => ({
        shipmentId: "1",
        positionItems: lines.map(({ lineId }) => ({
          positionItemId: lineId,
          salesOrderId: "7f2f0c11-0417-4c1e-9a55-0000000000aa",
        })),
      }),
      {},
    ],
    [
      "ebay",
      (lines) => ({ fulfillments: [{ lineItems: lines.map(({ lineId, quantity }) => ({ lineItemId: lineId, quantity })) }] }),
      { trackingNumbers: [] },
    ],
  ];

  it.each(stands)("by the SKUs of the attached order where its lines have no id: %s", async (id, answerOf, more) => {
    const shipment = shipmentOf(id);
    const lines = shipment.lines.map((line) => ({ ...line, lineId: null }));
    const item = { ...shipment, ...more, lines, order: orders[id]?.(shipment.lines) };
    const asked = (body: Tree) => confirmOf(id).read(item, { body: JSON.stringify(body) }, "lookup");
    expect(await asked(answerOf(shipment.lines))).toMatchObject({ ok: true, found: true });
    expect(await asked(answerOf([]))).toMatchObject({ ok: true, found: false });
  });
});

describe("WooCommerce", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "orderloom-parcels-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("completes an order with its last parcel, keeps all their numbers, and knows between them what is left", async () => {
    const shop = new Simulated(connectorOf("woocommerce"), connectionOf(connectorOf("woocommerce")), folder);
    const placed = { ...(readJson("./samples/woocommerce.ordersChanged.json") as Tree), status: "processing" };
    await shop.put("orders", "10417", placed);
    const { render, read } = confirmOf("woocommerce");
    const request = async (shipment: Shipment) => {
      const call = await render(shipment);
      return read(shipment, await shop.answer(call.request));
    };
    const finish = async (shipment: Shipment, begun: Awaited<ReturnType<typeof request>>): Promise<Tree> => {
      if (!begun.ok || !begun.next) throw new Error(`The first request was refused: ${JSON.stringify(begun)}`);
      const done = await read(shipment, await shop.answer(begun.next.request), "request", begun.next.before);
      if (!done.ok) throw new Error(`The second request was refused: ${JSON.stringify(done)}`);
      return done.result as Tree;
    };
    const noted = ({ meta_data }: Tree, key: string) => (meta_data as Tree[]).find((each) => each.key === key)?.value;
    const canonical = async (order: Tree) =>
      (await runMapping("woocommerce.order.jsonata", order, { source: { node: "orders", system: "x", account: "a" } })) as Order;
    const whole = shipmentOf("woocommerce");
    const [tent, stoves] = whole.lines as [Shipment["lines"][number], Shipment["lines"][number]];
    const parcel = (number: number, line: Shipment["lines"][number]): Shipment => ({
      ...whole,
      shipmentId: `SHP-${number}`,
      trackingNumbers: [{ number: `1Z${number}` }],
      lines: [line],
    });
    const [first, second, third] = [
      parcel(1, tent),
      parcel(2, { ...stoves, quantity: 1 }),
      parcel(3, { lineId: null, sku: stoves.sku, quantity: 1 }),
    ];

    const begun = await request(first);
    const half = await finish(first, begun);
    expect([half.status, noted(half, "_tracking_number")]).toEqual(["processing", "1Z1"]);
    expect(await canonical(half)).toMatchObject({
      status: "partially_fulfilled",
      lines: [{ quantityFulfilled: 1 }, { quantityFulfilled: 0 }],
    });

    // The second and the third at the same time, the third by SKU: neither writes over the other's note.
    const order = JSON.parse(
      (
        await shop.answer(
          (
            await operationOf("woocommerce", "getOrder", connectionOf(connectorOf("woocommerce"))).render(first)
          ).request,
        )
      ).body,
    ) as Tree;
    const [two, three] = [await request(second), await request({ ...third, order })];
    await finish(second, two);
    const done = await finish({ ...third, order }, three);
    expect([done.status, noted(done, "_tracking_number")]).toEqual(["completed", "1Z1, 1Z2, 1Z3"]);
    expect(await canonical({ ...done, status: "processing" })).toMatchObject({
      status: "fulfilled",
      lines: [{ quantityFulfilled: 1 }, { quantityFulfilled: 2 }],
    });
    // Told once more, everything stands as it stood.
    expect(await finish(first, await request(first))).toEqual(done);
  });
});
