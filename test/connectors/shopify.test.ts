import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { parseJson } from "#schemas/json.ts";
import { type FlowSample, portDifferences } from "#schemas/sample.ts";
import { evaluate, fixturesIn, readJson, readText, runMapping, shop } from "./mapping.fixture.ts";

type Tree = Record<string, unknown>;
const toCanonical = (order: unknown): Promise<Tree> => runMapping("shopify.order.jsonata", order) as Promise<Tree>;
const sampleOrder = (): Tree => readJson("./samples/shopify.orderCreated.us.json") as Tree;
const faultsOf = async (order: unknown) => canonicalFaults("canonical/order/1", await toCanonical(order)) ?? [];

/** The orders in a fixture: a webhook body, or the answer of an orders request. */
function ordersIn(text: string): Tree[] {
  const file = parseJson(text) as Tree;
  const answer = (file.response ?? file) as Tree;
  if (Array.isArray(answer.orders)) return answer.orders as Tree[];
  return [(answer.order ?? answer) as Tree];
}

const outcomes = await Promise.all(
  [
    ...fixturesIn("shopify/webhooks"),
    ...fixturesIn("shopify/rest-2026-07").filter(({ name }) => name.startsWith("order.")),
  ].flatMap(({ name, text }) =>
    ordersIn(text).map(async (order) => ({ name, order, mapped: await toCanonical(order), faults: await faultsOf(order) })),
  ),
);

/** Fixtures that are no whole orders, and what is said of them. */
const partial: Record<string, string[]> = {
  "order.test_3.json": ["/currency"],
  "order.test_7.json": ["/currency", "/orderedAt"],
};

describe.skipIf(outcomes.length === 0)("real Shopify orders", () => {
  it("become valid canonical orders, and what is no whole order says what is missing", () => {
    console.table(
      outcomes.map(({ name, mapped, faults }) => ({ name, id: mapped.externalId, outcome: faults[0]?.message ?? "valid" })),
    );
    for (const { name, faults } of outcomes) {
      const expected = partial[name];
      if (!expected) expect(faults, name).toEqual([]);
      else
        for (const path of expected)
          expect(
            faults.map((fault) => fault.path),
            name,
          ).toContain(path);
    }
  });

  it("keep the documented id that no double can hold", () => {
    const official = outcomes.find(({ name }) => name === "official_sample.order_body.json");
    expect(official?.mapped.externalId).toBe("820982911946154508");
    expect(official?.mapped.status).toBe("cancelled");
  });

  it("keep what the shop states as total", () => {
    for (const { order, mapped, name } of outcomes) {
      if (!partial[name]) expect((mapped.totals as Tree).grand, name).toBe(order.total_price);
    }
  });
});

describe("the Shopify mapping", () => {
  it("takes the account from the source and leaves an ordinary order without faults", async () => {
    expect(await faultsOf(sampleOrder())).toEqual([]);
    expect(await toCanonical(sampleOrder())).toMatchObject({
      channel: { system: "shopify", account: shop },
      fulfilledBy: "merchant",
    });
  });

  it("survives missing and null lists, customer and addresses", async () => {
    const bare = { ...sampleOrder(), customer: null, email: null, shipping_address: null, shipping_lines: null };
    const { discount_applications: _, billing_address: __, payment_gateway_names: ___, ...order } = bare as Tree;
    Object.assign(order, { total_price: "322.72", total_price_set: null });
    expect(await faultsOf(order)).toEqual([]);
    expect(await toCanonical(order)).toMatchObject({ buyer: null, shipTo: null, billTo: null, shipping: [], payments: [] });
  });

  it("keeps one line a list", async () => {
    const [line] = sampleOrder().line_items as Tree[];
    const mapped = await toCanonical({
      ...sampleOrder(),
      line_items: [{ ...line, tax_lines: [{ title: "VAT", rate: 0.2, price: "1.00" }] }],
    });
    expect(mapped.lines).toHaveLength(1);
    expect((mapped.lines as Tree[])[0]?.taxes).toMatchObject([{ type: "vat", rate: "0.2", amount: "1.00" }]);
  });

  it("gives a line without allocations its old total discount", async () => {
    const { discount_allocations: _, ...line } = (sampleOrder().line_items as Tree[])[0] as Tree;
    const mapped = await toCanonical({ ...sampleOrder(), line_items: [{ ...line, total_discount: "4.00" }] });
    expect((mapped.lines as Tree[])[0]?.discounts).toMatchObject([{ amount: "4.00" }]);
  });

  it("names duties and fees as adjustments", async () => {
    const money = (amount: string) => ({ shop_money: { amount, currency_code: "USD" } });
    const mapped = await toCanonical({
      ...sampleOrder(),
      original_total_duties_set: money("7.50"),
      original_total_additional_fees_set: money("0.00"),
      total_price: "340.17",
      total_price_set: null,
    });
    expect(mapped.adjustments).toEqual([{ kind: "duty", amount: "7.50" }]);
    expect(canonicalFaults("canonical/order/1", mapped)).toEqual([]);
  });

  it.each([
    [["manual", "manual"], "merchant"],
    [[null, "manual"], "merchant"],
    [["amazon-mcf", "amazon-mcf"], "channel"],
    [["manual", "amazon-mcf"], "mixed"],
  ])("tells who fulfils %j", async (services, expected) => {
    const lines = sampleOrder().line_items as Tree[];
    const order = {
      ...sampleOrder(),
      line_items: lines.map((line, index) => ({ ...line, fulfillment_service: services[index] })),
    };
    const mapped = await toCanonical(order);
    expect(mapped.fulfilledBy).toBe(expected);
    const ofLines = services.map((service) => (service === "amazon-mcf" ? "channel" : "merchant"));
    expect((mapped.lines as Tree[]).map(({ fulfilledBy }) => fulfilledBy)).toEqual(ofLines);
  });

  it("counts what is already fulfilled and ignores refunds", async () => {
    const [first, second] = sampleOrder().line_items as Tree[];
    const order = {
      ...sampleOrder(),
      fulfillment_status: "partial",
      line_items: [
        { ...first, fulfillment_status: "fulfilled", fulfillable_quantity: 0, current_quantity: 0 },
        { ...second, fulfillment_status: "partial", fulfillable_quantity: 1 },
      ],
      refunds: [{ id: 1, transactions: [{ amount: "249.00" }] }],
    };
    const mapped = await toCanonical(order);
    expect((mapped.lines as Tree[]).map((line) => line.quantityFulfilled)).toEqual([1, 1]);
    expect(mapped).toMatchObject({ status: "partially_fulfilled", totals: { grand: "332.67" } });
  });

  /** The pieces of a line of `quantity` pieces: fulfilled, cancelled. `sent` is what each fulfillment holds of it. */
  const piecesOf = async (line: Tree, sent: { status: string; quantity: number }[] = [], more: Tree = {}) => {
    const [first] = sampleOrder().line_items as Tree[];
    const fulfillments = sent.map(({ status, quantity }) => ({ status, line_items: [{ id: first?.id, quantity }] }));
    const mapped = await toCanonical({ ...sampleOrder(), ...more, line_items: [{ ...first, ...line }], fulfillments });
    const [{ quantityFulfilled, quantityCancelled }] = mapped.lines as [Tree];
    return [quantityFulfilled, quantityCancelled];
  };
  const success = (quantity: number) => ({ status: "success", quantity });

  it("counts what was cancelled or refunded before it left, and nothing that left", async () => {
    const three = (current_quantity: number, fulfillable_quantity: number) => ({
      quantity: 3,
      current_quantity,
      fulfillable_quantity,
    });
    expect(await piecesOf(three(3, 3))).toEqual([0, 0]);
    // One shipped, one cancelled, one open: by the fulfillments, and by the status where they are not told.
    expect(await piecesOf(three(2, 1), [success(1)])).toEqual([1, 1]);
    expect(await piecesOf({ ...three(2, 1), fulfillment_status: "partial" })).toEqual([1, 1]);
    // One shipped and sent back, two open.
    expect(await piecesOf(three(2, 2), [success(1)])).toEqual([1, 0]);
    // A fulfillment that failed has sent nothing.
    expect(await piecesOf(three(0, 0), [{ status: "failure", quantity: 3 }])).toEqual([0, 3]);
    expect(await piecesOf(three(3, 3), [success(1)], { cancelled_at: "2026-09-15T00:00:00Z" })).toEqual([1, 2]);
    // What is on hold can be neither fulfilled nor is it cancelled.
    expect(await piecesOf(three(3, 0))).toEqual([0, 0]);
  });

  it("never says of a line more than it has, whatever Shopify says", async () => {
    const count = fc.integer({ min: 0, max: 9 });
    await fc.assert(
      fc.asyncProperty(count, count, count, fc.array(count, { maxLength: 3 }), async (quantity, current, fulfillable, sent) => {
        const line = { quantity, current_quantity: Math.min(current, quantity), fulfillable_quantity: fulfillable };
        const [fulfilled = 0, cancelled = 0] = (await piecesOf(line, sent.map(success))) as number[];
        expect(Math.min(fulfilled, cancelled)).toBeGreaterThanOrEqual(0);
        expect(fulfilled + cancelled).toBeLessThanOrEqual(quantity);
      }),
      { numRuns: 40 },
    );
  });
});

const official = outcomes.filter(({ name }) => name === "order.test_1.json");

it.each(official)("of Shopify's own example $name the warehouse gets what was not refunded", async ({ order, mapped }) => {
  const { variables } = (await runMapping("shiphero.order.jsonata", mapped)) as { variables: { data: Tree } };
  expect((order.line_items as Tree[]).map((line) => [line.id, line.current_quantity])).toEqual([
    [466157049, 0],
    [518995019, 1],
    [703073504, 0],
  ]);
  expect((variables.data.line_items as Tree[]).map((line) => [line.partner_line_item_id, line.quantity])).toEqual([
    ["518995019", 1],
  ]);
});

const samples = readdirSync(new URL("../../flows/samples/shopify-order-to-cash/", import.meta.url));

describe("the flow's file and samples", () => {
  const flow = readJson("../../flows/shopify-order-to-cash.flow.json") as { nodes: { id: string; config: Tree }[] };
  const config = (id: string): Tree => flow.nodes.find((node) => node.id === id)?.config ?? {};

  it("holds the mapping exactly as its file does", () => {
    const hint = "Copy nodes/connectors/shopify.order.jsonata into the config of node canonical.";
    expect(config("canonical").expression === readText("./shopify.order.jsonata"), hint).toBe(true);
  });

  it.each(samples)("does with %s what the sample expects", async (file) => {
    const sample = readJson(`../../flows/samples/shopify-order-to-cash/${file}`) as FlowSample;
    expect(file).toBe(`${sample.name}.sample.json`);
    const mapped = await toCanonical(sample.input);
    expect(portDifferences(sample.expect.ports?.canonical?.out, mapped)).toEqual([]);
    const faults = canonicalFaults("canonical/order/1", mapped) ?? [];
    expect(faults.length === 0 ? "SUCCEEDED" : "invalid", JSON.stringify(faults)).toBe(sample.expect.outcome);
    const [ship] = (config("route").cases ?? []) as { when: string }[];
    const ships = await evaluate(ship?.when ?? "", mapped);
    if (sample.expect.ports?.route) expect(ships).toBe(sample.expect.ports.route.ship !== null);
  });
});
