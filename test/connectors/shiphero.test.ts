import { describe, expect, it } from "vitest";
import { fixturesIn, readJson, runMapping } from "./mapping.fixture.ts";
import { effectOf } from "./plan.fixture.ts";

type Tree = Record<string, unknown>;
interface OrderData extends Tree {
  line_items: Tree[];
}
const toOrder = async (order: unknown, config: Tree = {}, connection: Tree = {}) =>
  ((await runMapping("shiphero.order.jsonata", order, { connection, config })) as { variables: { data: OrderData } }).variables
    .data;
const sample = async (name: string): Promise<Tree & { lines: Tree[] }> => {
  const { input } = readJson(`../../flows/samples/shopify-order-to-cash/${name}.sample.json`) as { input: unknown };
  return (await runMapping("shopify.order.jsonata", input)) as Tree & { lines: Tree[] };
};

const address = {
  name: "John Johnson",
  company: "The Johnson Co",
  line1: "2543 Duck St.",
  line2: "Apt. 2",
  city: "Oklahoma",
  region: "OK",
  postalCode: "73008",
  countryCode: "US",
  phone: "5555555555",
  email: "johnjohnsonco@johnsonco.com",
};
/** The canonical order that ShipHero's documented example stands for. */
const example: Tree = {
  channel: { system: "example", account: "ExampleShop" },
  externalId: "11223344",
  orderedAt: "2019-07-29T00:00:00Z",
  shipBy: "2019-07-30T00:00:00Z",
  currency: "USD",
  shipTo: address,
  billTo: address,
  lines: [
    {
      lineId: "282960815",
      kind: "product",
      sku: "testSKU12345",
      title: "Example Product",
      quantity: 2,
      unitPrice: "150.00",
      requiresShipping: true,
    },
  ],
  shipping: [{ title: "UPS", code: "Ground", amount: "0.00" }],
  totals: { gross: "150.00", discount: "20.00", shipping: "0.00", tax: "29.00", grand: "159.00" },
};

/** `name: "value"` pairs inside the block of that name; the whole text when there is none. */
function pairs(text: string, block: string): [string, string][] {
  const inside = new RegExp(`${block}: \\{([^}]*)\\}`).exec(text)?.[1] ?? "";
  return [...inside.matchAll(/(\w+): ("[^"]*"|\d+)/g)].map(([, name = "", value = ""]) => [name, value.replaceAll('"', "")]);
}

const fixtures = fixturesIn("shiphero");

describe.skipIf(fixtures.length === 0)("warehouse orders beside ShipHero's example", () => {
  it.each(fixtures)("agrees field by field with $name", async ({ text }) => {
    const data = await toOrder(example);
    const blocks = {
      shipping_lines: data.shipping_lines,
      shipping_address: data.shipping_address,
      billing_address: data.billing_address,
      line_items: data.line_items[0],
    };
    let compared = 0;
    for (const [block, ours] of Object.entries(blocks)) {
      for (const [name, value] of pairs(text, block)) {
        // The example spells the state once in full; the canonical order knows its code.
        if (name === "state") continue;
        expect(`${block}.${name} = ${(ours as Tree)[name]}`).toBe(`${block}.${name} = ${value}`);
        compared += 1;
      }
    }
    const top = [...text.replaceAll(/\{[^{}]*\}/g, "").matchAll(/(\w+): "([^"]*)"/g)];
    for (const [, name = "", value = ""] of top) {
      expect(`${name} = ${String(data[name]).slice(0, name.endsWith("date") ? 10 : undefined)}`).toBe(`${name} = ${value}`);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(30);
  });
});

describe("the ShipHero mapping", () => {
  it("sends only what is still to ship", async () => {
    const order = await sample("us-two-lines");
    const [tent, mugs] = order.lines;
    Object.assign(mugs as Tree, { quantityFulfilled: 1 });
    expect((await toOrder(order)).line_items).toMatchObject([{ sku: "NW-TENT-2P-GRN", quantity: 1 }, { quantity: 1 }]);
    Object.assign(tent as Tree, { quantityFulfilled: 1 });
    expect((await toOrder(order)).line_items).toHaveLength(1);
    Object.assign(mugs as Tree, { requiresShipping: false });
    await expect(toOrder(order)).rejects.toThrow("all of its goods have left or were cancelled, or it has none");
  });

  it("names customer account and warehouse of the connection, shop and carrier of the node", async () => {
    const data = await toOrder(
      await sample("us-two-lines"),
      { shopName: "Northwind", carrier: "ups" },
      { customerAccountId: "9", warehouseId: "w" },
    );
    expect(data).toMatchObject({ customer_account_id: "9", shop_name: "Northwind", shipping_lines: { carrier: "ups" } });
    expect(data.line_items[0]).toMatchObject({ warehouse_id: "w" });
  });

  it("falls back to the channel's product id, and joins address lines and names", async () => {
    const order = await sample("eu-vat-included-discount");
    Object.assign(order.lines[0] as Tree, { sku: null });
    Object.assign(order.shipTo as Tree, { name: "Anna Maria Petersen", line3: "Hof" });
    const data = await toOrder(order);
    expect(data.line_items[0]?.sku).toBe("14901233567003");
    expect(data.shipping_address).toMatchObject({ first_name: "Anna Maria", last_name: "Petersen", address2: "2. OG, Hof" });
  });
});

describe("the operation", () => {
  const { render, read } = effectOf("wms", {}, "northwind-3pl");
  const answer = (body: unknown, question?: "lookup") => read({ body: JSON.stringify(body) }, question);
  const order = { id: "T3JkZXI6MQ==", order_number: "#1501", partner_order_id: "5901234567001", shop_name: "s" };

  it("asks by partner order id and shop, everything given as variables", async () => {
    const cancelled = await sample("cancelled-big-id");
    const lines = cancelled.lines.map((line) => ({ ...line, quantityCancelled: 0 }));
    const call = await render({ ...cancelled, status: "open", paymentStatus: "paid", lines });
    const shop_name = "northwind-outdoor.myshopify.com";
    expect(call).toMatchObject({
      documentKey: `${shop_name}:820982911946154508`,
      idempotency: "lookup",
      lookup: { body: { variables: { partner_order_id: "820982911946154508", shop_name } } },
    });
    for (const body of [call.request.body, call.lookup?.body] as { query: string }[]) expect(body.query).not.toContain("82098");
  });

  it("reads the made order, and the found one alike", async () => {
    expect(await answer({ data: { order_create: { order } } })).toMatchObject({ ok: true, result: order });
    const found = { data: { orders: { data: { edges: [{ node: order }] } } } };
    expect(await answer(found, "lookup")).toMatchObject({ ok: true, found: true, result: order });
    expect(await answer({ data: { orders: { data: { edges: [] } } } }, "lookup")).toMatchObject({ ok: true, found: false });
  });

  it("waits as long as ShipHero says when credits are short, also when asking", async () => {
    const body = { errors: [{ code: 30, message: "Not enough credits.", time_remaining: "12 seconds" }] };
    const expected = {
      ok: false,
      class: "rateLimited",
      applied: "no",
      retryAfterMs: 12_000,
      reason: { message: "Not enough credits." },
    };
    expect(await answer(body)).toMatchObject(expected);
    expect(await answer(body, "lookup")).toMatchObject(expected);
  });

  it.each([
    [{ errors: [{ code: 3, message: "The order has no line items." }], data: null }, "rejected", "no"],
    [{ errors: [{ message: "Your token has expired." }] }, "auth", "no"],
    [{ data: { order_create: null } }, "transient", "maybe"],
  ])("reads %j", async (body, expected, applied) => {
    expect(await answer(body)).toMatchObject({ ok: false, class: expected, applied });
    expect(await answer(body, "lookup")).toMatchObject({ ok: false, class: expected });
  });

  it("never takes an answer that it cannot read for a no", async () => {
    expect(await read({ body: "<html>maintenance</html>" }, "lookup")).toMatchObject({ ok: false, class: "transient" });
    expect(await read({ status: 503 })).toMatchObject({ ok: false, class: "transient", applied: "maybe" });
    expect(await read({ status: 401 })).toMatchObject({ ok: false, class: "auth" });
  });
});
