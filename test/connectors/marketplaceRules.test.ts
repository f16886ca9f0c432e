import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifyWebhook } from "#nodes/connector/verifyWebhook.ts";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { addAll, compare, subtract } from "#schemas/decimal.ts";
import { fixturesIn, readJson, runMapping } from "./mapping.fixture.ts";
import type { Marketplace } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { type Exchange, operationOf } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;
interface Line extends Tree {
  discounts: { amount: string }[];
  taxes: { amount: string; collectedBy: string }[];
}
interface Order extends Tree {
  lines: Line[];
  totals: Record<string, string>;
}

const toOrder = async (file: string, order: unknown): Promise<Order> =>
  (await runMapping(file, order, { source: { node: "orders", system: "x", account: "account" } })) as Order;
const sample = (file: string): Tree => readJson(`./samples/${file}`) as Tree;
const exchange = (file: string): Exchange => readJson(`./samples/${file}`) as Exchange;
const operation = (id: string, name: string, config: Tree = {}) => operationOf(id, name, marketplaces[id] as Marketplace, config);
const faults = (order: unknown) => canonicalFaults("canonical/order/1", order);
const taxOf = ({ lines }: Order) => lines.flatMap(({ taxes }) => taxes);

describe("money of the marketplaces", () => {
  it("eBay's collected tax counts once, and not at all where the total leaves it out", async () => {
    const order = sample("ebay.ordersChanged.us.json") as { pricingSummary: Tree; lineItems: Tree[] };
    expect(taxOf(await toOrder("ebay.order.jsonata", order))).toMatchObject([
      { amount: "17.70", collectedBy: "marketplace" },
      { amount: "3.53", collectedBy: "marketplace" },
    ]);
    const total = { value: "283.05", currency: "USD" };
    const items = order.lineItems.map(({ taxes: _, ...line }) => line);
    const plain = await toOrder("ebay.order.jsonata", {
      ...order,
      pricingSummary: { ...order.pricingSummary, total },
      lineItems: items,
    });
    expect([taxOf(plain), faults(plain)]).toEqual([[], []]);
  });

  it("an eBay seller's own VAT lies within the prices where the total says so", async () => {
    const order = sample("ebay.ordersChanged.gb.json") as { lineItems: Tree[] };
    const taxes = [{ taxType: "VAT", amount: { value: "12.50", currency: "GBP" } }];
    const mapped = await toOrder("ebay.order.jsonata", { ...order, lineItems: [{ ...order.lineItems[0], taxes }] });
    expect(mapped).toMatchObject({ priceTaxMode: "inclusive", totals: { tax: "12.50", grand: "74.97" } });
    expect(faults(mapped)).toEqual([]);
  });

  it("Etsy's discount and tax are divided among the lines to the last cent", async () => {
    const base = sample("etsy.receiptsChanged.us.json") as { transactions: Tree[] };
    const cents = (amount: number) => ({ amount, divisor: 100, currency_code: "USD" });
    const line = fc.record({ price: fc.integer({ min: 0, max: 50_000 }), quantity: fc.integer({ min: 1, max: 9 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.nat(100),
        fc.nat(9_999),
        async (lines, percent, tax) => {
          const worth = lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
          const discount = Math.floor((worth * percent) / 100);
          const receipt = {
            ...base,
            transactions: lines.map((each, i) => ({
              ...base.transactions[0],
              transaction_id: i + 1,
              ...each,
              price: cents(each.price),
            })),
            total_price: cents(worth),
            discount_amt: cents(discount),
            total_tax_cost: cents(worth === 0 ? 0 : tax),
            grandtotal: cents(worth - discount + (worth === 0 ? 0 : tax) + 595 + 450),
          };
          const order = await toOrder("etsy.order.jsonata", receipt);
          expect(faults(order)).toEqual([]);
          const shared = addAll(order.lines.flatMap(({ discounts }) => discounts.map(({ amount }) => amount)));
          expect(compare(shared, (discount / 100).toFixed(2))).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("a WooCommerce order is refunded by the sum of its refunds", async () => {
    const order = sample("woocommerce.ordersChanged.json");
    const paid = async (...refunds: string[]) =>
      (await toOrder("woocommerce.order.jsonata", { ...order, refunds: refunds.map((total, id) => ({ id, reason: "", total })) }))
        .paymentStatus;
    expect([await paid(), await paid("-5.00"), await paid("-5.00", `-${order.total}`)]).toEqual([
      "paid",
      "partially_refunded",
      "refunded",
    ]);
    for (const { text } of fixturesIn("woocommerce").filter(({ name }) => name === "orders.4.json")) {
      const statuses = (JSON.parse(text) as Tree[]).map(
        async (each) => (await toOrder("woocommerce.order.jsonata", each)).paymentStatus,
      );
      expect(await Promise.all(statuses)).toContain("partially_refunded");
    }
  });

  it("a Walmart order without a country, or with one that nobody knows, has an address that is not complete", async () => {
    const order = sample("walmart.ordersChanged.json") as { shippingInfo: { postalAddress: Tree } };
    const to = async (country?: string) => {
      const { country: _, ...postalAddress } = order.shippingInfo.postalAddress;
      const shippingInfo = {
        ...order.shippingInfo,
        postalAddress: country === undefined ? postalAddress : { ...postalAddress, country },
      };
      return (await toOrder("walmart.order.jsonata", { ...order, shippingInfo })).shipTo as Tree;
    };
    expect(await to("USA")).toMatchObject({ countryCode: "US", complete: true });
    for (const country of [undefined, "", "ZZZ"]) expect(await to(country)).toMatchObject({ countryCode: null, complete: false });
  });

  it("who ships an order of Mercado Libre is unknown until its shipment is attached", async () => {
    const { shipment: _, ...order } = sample("mercado-libre.ordersChanged.br.json");
    const by = async (more: Tree) =>
      (await toOrder("mercado-libre.order.jsonata", { ...order, shipping: { id: "4310" }, ...more })).fulfilledBy;
    expect(await by({})).toBe("unknown");
    // A shipment that is there tells more than a tag that says there is none.
    expect(await by({ tags: ["no_shipping"] })).toBe("unknown");
    expect(await by({ shipment: { logistic: { type: "fulfillment" } } })).toBe("channel");
    expect(await by({ shipment: { logistic_type: "cross_docking" } })).toBe("merchant");
    // What the seller hands over himself has no shipment there.
    expect(await by({ shipping: { id: null } })).toBe("merchant");
  });

  it("a pending order of Amazon has its marketplace's currency and no total", async () => {
    const { proceeds: _, ...order } = sample("amazon.ordersChanged.uk.json") as Tree & { orderItems: Tree[]; fulfillment: Tree };
    const orderItems = order.orderItems.map(({ proceeds: __, packages: ___, ...item }) => ({ ...item, product: { asin: "B0" } }));
    const fulfillment = { ...order.fulfillment, fulfillmentStatus: "PENDING" };
    const mapped = await toOrder("amazon.order.jsonata", { ...order, orderItems, fulfillment });
    expect(mapped).toMatchObject({ status: "pending", currency: "GBP", totals: { grand: null } });
    expect(faults(mapped)).toEqual([]);
  });

  it("a v0 order of Amazon with its items attached adds up", async () => {
    const { item, answer } = exchange("amazon.getOrderItemsV0.json");
    const result = await operation("amazon", "getOrderItemsV0", { attach: "items" }).read(item, answer);
    if (!result.ok) throw new Error("The sample was not read.");
    const order = await toOrder("amazon.orderV0.jsonata", result.outputs.out);
    expect(faults(order)).toEqual([]);
    expect(order).toMatchObject({ totals: { grand: "65.86", discount: "7.70", adjustments: "5.99" } });
  });

  it("a WooCommerce fee bears its own tax, and a shop that shows prices with tax adds up all the same", async () => {
    const order = sample("woocommerce.ordersChanged.json") as { fee_lines: Tree[] };
    const fee_lines = [{ ...order.fee_lines[0], total: "2.00", total_tax: "0.14" }];
    const mapped = await toOrder("woocommerce.order.jsonata", { ...order, fee_lines, total: "305.01", prices_include_tax: true });
    expect(mapped).toMatchObject({ priceTaxMode: "exclusive", totals: { adjustments: "2.14", tax: "19.82", discount: "24.90" } });
    expect(faults(mapped)).toEqual([]);
  });

  it("Walmart's negative charge is a discount, and its cancelled lines are counted", async () => {
    const order = sample("walmart.ordersChanged.json") as { orderLines: { orderLine: Tree[] } };
    expect((await toOrder("walmart.order.jsonata", order)).lines[0]?.discounts).toMatchObject([{ amount: "24.9" }]);
    const orderLine = order.orderLines.orderLine.map((line) => ({
      ...line,
      orderLineStatuses: { orderLineStatus: [{ status: "Cancelled", statusQuantity: line.orderLineQuantity }] },
    }));
    const cancelled = await toOrder("walmart.order.jsonata", { ...order, orderLines: { orderLine } });
    expect(cancelled).toMatchObject({ status: "cancelled", lines: [{ quantityCancelled: 1 }, { quantityCancelled: 2 }] });
  });
});

describe("what is sent to the marketplaces", () => {
  it("Amazon gets a positive number for every package, the same each time", async () => {
    const { item } = exchange("amazon.confirmShipment.json") as { item: Tree };
    const { render } = operation("amazon", "confirmShipment");
    const numberOf = async (shipmentId: string) =>
      ((await render({ ...item, shipmentId })).request.body as { packageDetail: { packageReferenceId: string } }).packageDetail
        .packageReferenceId;
    expect(await numberOf("20417")).toBe("20417");
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 20 }), async (id) => {
        const number = await numberOf(id);
        expect(number).toMatch(/^[1-9][0-9]*$/);
        expect(await numberOf(id)).toBe(number);
      }),
      { numRuns: 60 },
    );
    expect(await numberOf("SHP-20417")).not.toBe(await numberOf("SHP-20418"));
  });

  it("Walmart gets a carrier it knows, or the address of another one's tracking page, or nothing", async () => {
    const { item } = exchange("walmart.confirmShipment.json") as { item: Tree };
    const { render } = operation("walmart", "confirmShipment");
    const other = { ...item, carrier: { code: "northpost", name: "North Post" } };
    expect(JSON.stringify((await render(other)).request.body)).toContain('"carrierName":{"otherCarrier":"North Post"}');
    const hidden = { ...other, trackingNumbers: [{ number: "1" }] };
    await expect(render(hidden)).rejects.toThrow("Walmart does not know the carrier North Post");
  });

  it("Mirakl gets an offer back as it was read, discount and all, but for the quantity", async () => {
    const { item } = exchange("mirakl.setQuantity.json") as {
      item: Tree & { offer: Tree & { discount: Tree; all_prices: Tree[] } };
    };
    const { offer } = item;
    const { render } = operation("mirakl", "setQuantity");
    const sent = async (more: Tree = {}) => {
      const { request } = await render({ ...item, offer: { ...offer, ...more } });
      return (request.body as { offers: [Tree] }).offers[0];
    };
    const body = await sent();
    // What OF21 tells of an offer and OF24 does not take: Mirakl's own figures, and what belongs to the product.
    const told = ["offer_id", "active", "deleted", "channels", "inactivity_reasons", "currency_iso_code", "category_code"];
    const reckoned = ["product_title", "applicable_pricing", "total_price", "min_shipping_price"];
    const renamed: Tree = {
      product_sku: body.product_id,
      available_start_date: body.available_started,
      available_end_date: body.available_ended,
      logistic_class: { code: body.logistic_class, label: "Medium" },
      price: 169.9,
      quantity: 8,
    };
    for (const [name, value] of Object.entries(offer).filter(([key]) => ![...told, ...reckoned].includes(key))) {
      const back = name in renamed ? renamed[name] : body[name];
      const { origin_price, discount_price: price, ...discount } = offer.discount;
      if (name === "discount") expect([body.price, back]).toEqual([origin_price, { ...discount, price }]);
      else if (name === "offer_additional_fields") expect(back).toEqual([{ code: "warranty", value: "24" }]);
      else if (name === "all_prices") expect((value as Tree[])[0]).toMatchObject((back as Tree[])[0] as Tree);
      else expect([name, back]).toEqual([name, value]);
    }
    expect(body).toMatchObject({
      quantity: 5,
      update_delete: "update",
      all_prices: [{ volume_prices: [{}, { unit_origin_price: 179.9 }] }],
    });
    // An offer that is not discounted sends no discount, and the price that it has.
    const plain = await sent({ discount: null, all_prices: [] });
    expect([plain.price, "discount" in plain, "all_prices" in plain]).toEqual([169.9, false, false]);
  });

  it.each([
    ["amazon", "confirmShipment"],
    ["walmart", "confirmShipment"],
    ["otto", "confirmShipment"],
    ["zalando", "setTracking"],
  ])("%s is asked nothing for a shipment that has no tracking number (%s)", async (id, name) => {
    const { item } = exchange(`${id}.${name}.json`) as { item: Tree };
    await expect(operation(id, name).render({ ...item, trackingNumbers: [] })).rejects.toThrow("without a tracking number, and");
  });

  it("eBay and Etsy get no carrier where there is no tracking number", async () => {
    const body = async (id: string) => {
      const { item } = exchange(`${id}.confirmShipment.json`) as { item: Tree };
      return JSON.stringify((await operation(id, "confirmShipment").render({ ...item, trackingNumbers: [] })).request.body) ?? "";
    };
    expect(await body("ebay")).not.toMatch(/shippingCarrierCode|trackingNumber/);
    expect(await body("etsy")).not.toMatch(/carrier_name|tracking_code/);
  });

  it("Etsy gets a listing back as it was read, but for the one quantity", async () => {
    const { item } = exchange("etsy.setQuantity.json") as { item: Tree & { inventory: Tree } };
    const { render } = operation("etsy", "setQuantity");
    const quantities = async (more: Tree) => {
      const { products } = (await render({ ...item, ...more })).request.body as { products: { offerings: Tree[] }[] };
      return products.map(({ offerings }) => offerings[0]);
    };
    expect(await quantities({})).toEqual([
      { price: 24, quantity: 4, is_enabled: true, readiness_state_id: 1402336022 },
      { price: 26, quantity: 12, is_enabled: true, readiness_state_id: 1402336023 },
    ]);
    expect((await render(item)).request.body).toMatchObject({ readiness_state_on_property: [200], price_on_property: [200] });
    // A listing that has no processing profiles is sent none.
    const old = JSON.parse(JSON.stringify(item), (key, value) => (key.startsWith("readiness_state") ? undefined : value)) as Tree;
    expect(JSON.stringify((await render(old)).request.body)).not.toContain("readiness_state");
    const shared = { inventory: { ...item.inventory, quantity_on_property: [] } };
    expect(await quantities(shared)).toMatchObject([{ quantity: 12 }, { quantity: 12 }]);
    await expect(quantities({ sku: "NW-OTHER" })).rejects.toThrow("has no product with the SKU NW-OTHER");
  });
});

describe("what OTTO is sent", () => {
  it("has what its own example of a shipment has, for each piece", async () => {
    const { item } = exchange("otto.confirmShipment.json") as { item: Tree & { lines: Tree[] } };
    const { render } = operation("otto", "confirmShipment");
    const shape = (value: unknown): unknown =>
      Array.isArray(value)
        ? [shape(value[0])]
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .sort()
                .map(([name, each]) => [name, shape(each)]),
            )
          : typeof value;
    const body = (await render({ ...item, lines: [...item.lines, ...item.lines] })).request.body as { positionItems: Tree[] };
    expect(body.positionItems).toHaveLength(2);
    for (const { text } of fixturesIn("otto").filter(({ name }) => name === "shipments_post.request.json"))
      expect(shape(body)).toEqual(shape(JSON.parse(text)));
    const { returnTracking: _, ...without } = item;
    await expect(render(without)).rejects.toThrow("OTTO wants the tracking number of the return label");
  });
});

describe("money of Mirakl and OTTO", () => {
  it("leaves out what was refused, and takes the VAT from the rate", async () => {
    const order = await toOrder("mirakl.order.jsonata", sample("mirakl.ordersChanged.us.json"));
    expect(order).toMatchObject({
      priceTaxMode: "exclusive",
      lines: [
        { gross: "118", quantityFulfilled: 2 },
        { gross: "0", quantityCancelled: 1 },
      ],
      totals: { gross: "118", tax: "7.56", grand: "133.56" },
    });
    // Where the marketplace says no mode, prices bear no tax.
    const { order_tax_mode: _, ...silent } = sample("mirakl.ordersChanged.us.json");
    expect(await toOrder("mirakl.order.jsonata", silent)).toEqual(order);
    const otto = await toOrder("otto.order.jsonata", sample("otto.ordersChanged.json"));
    expect(otto.lines[0]).toMatchObject({
      gross: "189.9",
      discounts: [{ amount: "20" }],
      taxes: [{ rate: "0.1900", amount: "27.13" }],
    });
    const raw = sample("otto.ordersChanged.json") as { positionItems: Tree[] };
    const [first, ...others] = raw.positionItems;
    const positionItems = [{ ...first, fulfillmentStatus: "CANCELLED_BY_PARTNER" }, ...others];
    const without = await toOrder("otto.order.jsonata", { ...raw, positionItems });
    expect(without.lines[0]).toMatchObject({ gross: "0", quantityCancelled: 1, discounts: [], taxes: [] });
    expect(compare(without.totals.gross ?? "", subtract(otto.totals.gross ?? "", "189.9"))).toBe(0);
    expect(otto).toMatchObject({ status: "open", totals: { grand: null, shipping: "2.95" } });
  });
});

describe("a piece that Zalando cancelled", () => {
  type Piece = Tree & { attributes: { price: { amount: number } } };
  const raw = sample("zalando.ordersChanged.json") as { lines: [Piece, ...Piece[]]; attributes: Tree };
  const [first, ...others] = raw.lines;
  const lines = [{ ...first, attributes: { ...first.attributes, status: "canceled" } }, ...others];
  const left = subtract(raw.attributes.order_lines_price_amount as number, first.attributes.price.amount);

  it.each([
    ["still counts", raw.attributes.order_lines_price_amount],
    ["no longer counts", Number(left)],
  ])("is worth nothing, where Zalando %s it in its sum", async (_, order_lines_price_amount) => {
    const order = await toOrder("zalando.order.jsonata", {
      ...raw,
      lines,
      attributes: { ...raw.attributes, order_lines_price_amount },
    });
    expect(order.lines[0]).toMatchObject({ gross: "0", quantityCancelled: 1 });
    expect(compare(order.totals.gross ?? "", left)).toBe(0);
    expect(faults(order)).toEqual([]);
  });
});

describe("what WooCommerce's webhooks say", () => {
  it("is taken only with the signature of its bytes", () => {
    const { operation: declared } = operation("woocommerce", "orderChanged");
    if (declared?.transport !== "webhook") throw new Error("There is no webhook.");
    const context = { config: {}, secrets: { webhookSecret: "webhook-secret" } };
    const bytes = Buffer.from(JSON.stringify(sample("woocommerce.ordersChanged.json")));
    const signature = createHmac("sha256", "webhook-secret").update(bytes).digest("base64");
    const verified = (body: Buffer) => verifyWebhook(declared.verify, context, { "x-wc-webhook-signature": signature }, body).ok;
    expect([verified(bytes), verified(Buffer.concat([bytes, Buffer.from(" ")]))]).toEqual([true, false]);
  });
});
