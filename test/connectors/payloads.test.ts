import { describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { addAll, compare, multiply } from "#schemas/decimal.ts";
import { parseJson } from "#schemas/json.ts";
import { canonical, erpOf, type Order, post, sample, type Tree } from "./erp.fixture.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { fixturesIn, readJson } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";
import { agrees, all, type Reasons, requires } from "./payload.fixture.ts";

/** What systems are sent, beside their public examples, and whether what they cannot do without is there for every order. */

const names = ["us-two-lines", "eu-vat-included-discount", "cancelled-big-id", "gift-card-only", "tip-and-shipping-discount"];

/** An order of which every field that a system may be told is filled. */
const full = async (): Promise<Order> => {
  const order = await sample("us-two-lines");
  const address = {
    ...(order.shipTo as Tree),
    company: "Northwind",
    line2: "Suite 2",
    line3: "Rear",
    kind: "commercial",
    email: "a@example.com",
  };
  return { ...order, shipTo: address, billTo: address, shipBy: "2026-09-16T00:00:00Z" };
};

async function sentTo(id: string, operation: string, order: Order, more: Tree = {}, config: Tree = {}): Promise<Tree> {
  const connector = connectorOf(id);
  const known = connectionOf(connector);
  const { request } = await operationOf(connector, operation, { ...known, config: { ...known.config, ...more } }, config).render(
    order,
  );
  return request.body as Tree;
}

const shipHeroData = (body: Tree): Tree => (body.variables as { data: Tree }).data;

/** The order of each system, and the fields that its documentation asks for in every one. */
const orders: { id: string; body: (order: Order) => Promise<unknown>; required: string[]; needsLines?: true }[] = [
  {
    id: "netsuite",
    body: (order) => sentTo("netsuite", "upsertSalesOrder", order),
    required: ["/entity/id", "/tranDate", "/item/items/item", "/item/items/amount"],
  },
  {
    id: "sap-s4",
    body: (order) => post(erpOf("sap-s4"), order),
    required: [
      "/SalesOrderType",
      "/SalesOrganization",
      "/DistributionChannel",
      "/OrganizationDivision",
      "/SoldToParty",
      "/PurchaseOrderByCustomer",
      "/to_Item/Material",
      "/to_Item/RequestedQuantity",
    ],
  },
  {
    id: "business-central",
    body: (order) => post(erpOf("business-central"), order),
    required: [
      "/customerNumber",
      "/externalDocumentNumber",
      "/orderDate",
      "/salesOrderLines/lineType",
      "/salesOrderLines/lineObjectNumber",
      "/salesOrderLines/quantity",
      "/salesOrderLines/unitPrice",
    ],
  },
  {
    id: "odoo",
    body: (order) => post(erpOf("odoo"), order),
    required: ["/partner_id", "/company_id", "/client_order_ref", "/order_line"],
  },
  {
    id: "erpnext",
    body: (order) => post(erpOf("erpnext"), order),
    required: [
      "/customer",
      "/company",
      "/currency",
      "/transaction_date",
      "/delivery_date",
      "/po_no",
      "/items/item_code",
      "/items/qty",
      "/items/rate",
    ],
  },
  {
    id: "shiphero",
    body: async (order) => shipHeroData(await sentTo("shiphero", "createOrder", order)),
    required: [
      "/order_number",
      "/partner_order_id",
      "/shop_name",
      "/order_date",
      "/shipping_lines/title",
      "/shipping_lines/price",
      "/shipping_address/address1",
      "/line_items/sku",
      "/line_items/partner_line_item_id",
      "/line_items/quantity",
      "/line_items/price",
      "/line_items/product_name",
    ],
    needsLines: true,
  },
  {
    id: "shipstation",
    body: (order) => sentTo("shipstation", "createOrder", order),
    required: [
      "/orderNumber",
      "/orderKey",
      "/orderDate",
      "/orderStatus",
      "/billTo/name",
      "/shipTo/name",
      "/shipTo/street1",
      "/shipTo/city",
      "/shipTo/country",
      "/items/quantity",
      "/items/unitPrice",
    ],
    needsLines: true,
  },
  {
    id: "extensiv",
    body: (order) => sentTo("extensiv", "createOrder", order),
    required: [
      "/customerIdentifier/id",
      "/facilityIdentifier/id",
      "/referenceNum",
      "/billingCode",
      "/shipTo/name",
      "/shipTo/address1",
      "/shipTo/city",
      "/shipTo/country",
      "/orderItems/itemIdentifier/sku",
      "/orderItems/qty",
    ],
    needsLines: true,
  },
];

describe("every required field is there", () => {
  it.each(orders)("$id, for every sample and sixty orders more", async ({ id, body, required, needsLines }) => {
    const made = Array.from({ length: 60 }, (_, number) => makeShopifyOrder("payloads", number + 1).body);
    const every = await Promise.all(names.map(sample));
    // One after the other: each has three seconds, and all at once would share them.
    for (const order of made) every.push(await canonical(order));
    const ships = (order: Order): boolean =>
      (order.lines as (Tree & { quantity: number; quantityFulfilled?: number; quantityCancelled?: number })[]).some(
        ({ requiresShipping, quantity, quantityFulfilled = 0, quantityCancelled = 0 }) =>
          requiresShipping !== false && quantity > quantityFulfilled + quantityCancelled,
      );
    let compared = 0;
    for (const order of every) {
      // Nobody is sold an order that was cancelled, and a warehouse is sent nothing of one that has nothing to ship.
      if (order.status === "cancelled" && id !== "netsuite") continue;
      if (needsLines && !(ships(order) && order.shipTo && order.fulfilledBy === "merchant")) continue;
      requires(await body(order), required);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(40);
  });

  it.each([
    ["shiphero", ({ variables }: Tree) => (variables as { data: Tree }).data.line_items],
    ["shipstation", ({ items }: Tree) => items],
    ["extensiv", ({ orderItems }: Tree) => orderItems],
  ])("%s ships goods that no channel says anything of, and no tip", async (id, linesOf) => {
    const order = await full();
    const [{ requiresShipping: _, ...line }] = order.lines as [Tree];
    const lines = [line, { ...line, kind: "tip", lineId: "tip" }] as Order["lines"];
    expect(linesOf(await sentTo(id, "createOrder", { ...order, lines }))).toHaveLength(1);
  });

  it("Extensiv gets the second and the third line of an address as one", async () => {
    const { shipTo } = await sentTo("extensiv", "createOrder", await full());
    expect(shipTo).toMatchObject({ address1: "410 Juniper Lane", address2: "Suite 2, Rear" });
  });

  it("and the test says which is not", () => {
    expect(() => requires({ a: [{ b: 1 }, { b: "" }] }, ["/a/b"])).toThrow("/a/b");
    expect(() => requires({ a: [] }, ["/a/b"])).toThrow("/a/b");
    expect(() => agrees({ a: 1 }, { a: "1" })).toThrow();
    expect(() => agrees({ a: 1 }, { a: 1, b: 2 })).toThrow();
    expect(() => agrees({ a: 1, b: 2 }, { a: 1 })).toThrow();
    expect(() => agrees({ a: 1 }, { a: 1 }, { "/b": "a reason for nothing" })).toThrow();
  });
});

/** Field names in lower case: NetSuite's examples write some so, and NetSuite reads both. */
const lowerCase = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(lowerCase)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, child]) => [name.toLowerCase(), lowerCase(child)]))
      : value;

const netSuite = fixturesIn("netsuite");
describe.skipIf(netSuite.length === 0)("NetSuite's sales order", () => {
  it.each(netSuite)("has the fields of $name, each of its kind", async ({ name, text }) => {
    const ids = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(/"id":(\d+)/g, '"id":"$1"'));
    const example = ids(lowerCase(JSON.parse(text)));
    const withAddress = "shippingaddress" in (example as Tree);
    const ours = lowerCase(await sentTo("netsuite", "upsertSalesOrder", await full()));
    const account: Reasons = {
      "/istaxable": "said of each line",
      "/custbodycustbody4": "a field that the example's own account has",
    };
    const documented: Reasons = {
      ...all(
        ["/currency", "/orderstatus", "/billingaddress", "/item/items/description", "/item/items/amount"],
        "a field of salesOrder in the REST API browser",
      ),
      "/item/items/item/externalid": "items are known by SKU, which is their external id",
      ...(withAddress
        ? all(["/shippingaddress/addr2", "/shippingaddress/addr3"], "further lines of the same address")
        : { ...all(["/shippingaddress", "/otherrefnum"], "the third example has it") }),
    };
    expect(name).not.toBe("");
    agrees(example, ours, account, documented);
  });
});

/** The one object of the mutation's text, as JSON. */
function dataOf(text: string): Tree {
  const inside = /data: (\{[\s\S]*\})\s*\) \{ request_id/.exec(text)?.[1] ?? "{}";
  const quoted = inside.replaceAll(/(\w+): /g, '"$1": ');
  return parseJson(quoted.replaceAll(/(["}\d])\s+"/g, '$1, "')) as Tree;
}

const shipHero = fixturesIn("shiphero");
describe.skipIf(shipHero.length === 0)("ShipHero's order", () => {
  it.each(shipHero)("has the fields of $name, each of its kind", async ({ text }) => {
    const example = dataOf(text);
    expect(Object.keys(example).length).toBeGreaterThan(10);
    const ours = shipHeroData(await sentTo("shiphero", "createOrder", await full()));
    agrees(
      example,
      ours,
      {},
      all(
        [
          "/customer_account_id",
          "/partner_order_id",
          "/currency",
          "/email",
          "/line_items/quantity_pending_fulfillment",
          "/tags",
          "/line_items/warehouse_id",
        ],
        "a field of CreateOrderInput",
      ),
    );
  });
});

const shipStation = new Map(fixturesIn("shipstation").map(({ name, text }) => [name, JSON.parse(text) as Tree]));
describe.skipIf(shipStation.size === 0)("ShipStation's order", () => {
  it("has the fields of createorder.request.json, each of its kind", async () => {
    const config = { carrierCode: "ups", serviceCode: "ups_ground", packageCode: "package", confirmation: "delivery" };
    const ours = await sentTo("shipstation", "createOrder", await full(), {}, config);
    const ofTheirs = "ShipStation's own, from its products and its warehouse";
    agrees(shipStation.get("createorder.request.json"), ours, {
      ...all(["/customerId"], "read only"),
      ...all(["/customerNotes", "/internalNotes", "/gift", "/giftMessage", "/tagIds"], "the canonical order knows none"),
      ...all(
        ["/shipDate", "/weight", "/dimensions", "/insuranceOptions", "/internationalOptions"],
        "decided where the label is made",
      ),
      ...all(
        ["imageUrl", "weight", "warehouseLocation", "options", "productId", "fulfillmentSku", "upc"].map(
          (name) => `/items/${name}`,
        ),
        ofTheirs,
      ),
      "/items/shippingAmount": "shippingAmount of the order",
      ...all(
        [
          "nonMachinable",
          "saturdayDelivery",
          "containsAlcohol",
          "mergedOrSplit",
          "parentId",
          "customField2",
          "customField3",
          "billToParty",
          "billToAccount",
          "billToPostalCode",
          "billToCountryCode",
        ].map((name) => `/advancedOptions/${name}`),
        "defaults of the account",
      ),
    });
  });

  it("is answered in the simulator with the fields of order.response.json", () => {
    const { answer } = readJson("./samples/shipstation.createOrder.json") as Exchange;
    const { shipTo: _, items: __, ...example } = shipStation.get("order.response.json") as Tree;
    agrees(example, JSON.parse(answer.body));
  });
});

describe("ShipStation's money", () => {
  const total = ({ items, taxAmount, shippingAmount }: Tree): string =>
    addAll([
      ...(items as { unitPrice: number; quantity: number }[]).map(({ unitPrice, quantity }) => multiply(unitPrice, quantity)),
      String(taxAmount),
      String(shippingAmount),
    ]);

  it("adds up to the grand total of any order of which nothing was shipped", async () => {
    for (let number = 1; number <= 60; number += 1) {
      const order = await canonical(makeShopifyOrder("shipstation", number).body);
      if (
        order.status === "cancelled" ||
        order.fulfilledBy !== "merchant" ||
        (order.lines as Tree[]).some(
          ({ requiresShipping, quantityFulfilled }) => requiresShipping === false || Number(quantityFulfilled) > 0,
        )
      )
        continue;
      expect([number, compare(total(await sentTo("shipstation", "createOrder", order)), order.totals.grand)]).toEqual([
        number,
        0,
      ]);
    }
  });

  it("is refused by a sentence of ShipStation's, and asked again when nobody knows", async () => {
    const { read } = operationOf("shipstation", "createOrder", connectionOf(connectorOf("shipstation")));
    const body = JSON.stringify({
      Message: "The request is invalid.",
      ModelState: { "apiOrder.orderNumber": ["The orderNumber field is required."] },
    });
    expect(await read({ channel: { system: "shopify" }, externalId: "1" }, { status: 400, body })).toMatchObject({
      ok: false,
      class: "rejected",
      applied: "no",
      reason: { message: "The request is invalid. The orderNumber field is required." },
    });
    expect(await read({ channel: { system: "shopify" }, externalId: "1" }, { status: 502 })).toMatchObject({
      ok: false,
      class: "transient",
      applied: "maybe",
    });
    expect(
      await read({ channel: { system: "shopify" }, externalId: "1" }, { status: 429, headers: { "x-rate-limit-reset": "20" } }),
    ).toMatchObject({
      ok: false,
      class: "rateLimited",
      applied: "no",
      retryAfterMs: 20_000,
    });
  });
});
