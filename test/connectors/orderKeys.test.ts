import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aliasOf, orderKey, orderRef } from "#schemas/canonical/orderKey.ts";
import { sample, type Tree } from "./erp.fixture.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";

/** By what other systems know an order: never by what another shop's order is known by, and the way back takes it apart. */

const systems = [
  ["netsuite", "upsertSalesOrder"],
  ["sap-s4", "createSalesOrder"],
  ["business-central", "createSalesOrder"],
  ["odoo", "createSalesOrder"],
  ["erpnext", "createSalesOrder"],
  ["tryton", "createSale"],
  ["shipstation", "createOrder"],
  ["extensiv", "createOrder"],
  ["avalara", "recordTax"],
  ["x12", "sendShippingOrder"],
  ["edifact", "sendOrder"],
  ["csv-warehouse", "sendOrder"],
] as const;

const shops = ["a.co", "b.co"].map((account) => ({ system: "woocommerce", account, alias: aliasOf(account) }));

describe.each(systems)("%s %s", (id, name) => {
  const connector = connectorOf(id);
  const { item } = readJson(`./samples/${id}.${name}.json`) as Exchange & { item: Tree };
  const prefix = (connector.operations[name] as unknown as { config: { properties: { externalIdPrefix: { pattern: string } } } })
    .config.properties.externalIdPrefix;
  const sent = async (channel: Tree, config: Tree = {}) => {
    const { effectKey, request } = await operationOf(connector, name, connectionOf(connector), config).render({
      ...item,
      channel,
      externalId: "1001",
    });
    return { effectKey, text: JSON.stringify(request) };
  };

  it("knows two shops' orders of one number apart, with a prefix too", async () => {
    for (const [config, system] of [
      [{}, "WOOCOMMERCE"],
      [{ externalIdPrefix: "EU_" }, "EU"],
    ] as const) {
      const [one, other] = await Promise.all(shops.map((channel) => sent(channel, config)));
      expect(one?.effectKey).not.toBe(other?.effectKey);
      expect(one?.text).toContain(`${system}--A-CO_1001`);
      expect(other?.text).toContain(`${system}--B-CO_1001`);
    }
  });

  it("takes no prefix that the way back could not take apart", () => {
    const pattern = new RegExp(prefix.pattern);
    for (const bad of ["shop-a_", "EU", "_", "A--B_", "A_B"]) expect(bad).not.toMatch(pattern);
    fc.assert(
      fc.property(
        fc.stringMatching(/^([A-Z][A-Z0-9-]*_)?$/).filter((text) => pattern.test(text)),
        (text) => {
          const back = orderRef(orderKey({ channel: { system: "shopify" }, externalId: "A_7" }, text));
          expect(back).toEqual({ system: text === "" ? "shopify" : text.slice(0, -1).toLowerCase(), externalId: "A_7" });
        },
      ),
    );
  });
});

describe("the way back", () => {
  it.each([
    [
      "netsuite",
      "netsuite.getFulfillment.json",
      ({ item, answer }: Tree) => ({ ...(item as Tree), fulfillment: bodyOf(answer) }),
    ],
    ["business-central", "business-central.shipment.json", (record: Tree) => record],
    ["tryton", "tryton.shipment.json", (record: Tree) => record],
    ["shipstation", "shipstation.shipment.json", (record: Tree) => record],
    ["extensiv", "extensiv.shipped.json", (record: Tree) => record],
    ["erpnext", "erpnext.getDeliveryNote.json", ({ answer }: Tree) => (bodyOf(answer) as Tree).data],
  ] as const)("from %s finds shop and order", async (id, file, record) => {
    const text = JSON.stringify(record(readJson(`./samples/${file}`) as Tree));
    expect(text).toContain("SHOPIFY_5901234567001");
    const told = JSON.parse(text.replaceAll("SHOPIFY_5901234567001", "EU-1--SHOP-A_1001")) as Tree;
    const { orderRef: found } = (await runMapping(`${id}.shipment.jsonata`, told)) as Tree;
    expect(found).toMatchObject({ system: "eu-1", account: "SHOP-A", externalId: "1001" });
  });
});

const bodyOf = (answer: unknown): unknown => JSON.parse((answer as { body: string }).body);

describe("an order of a system whose ids are its accounts' own", () => {
  it.each([
    ["woocommerce.order.jsonata", "woocommerce.ordersChanged.json"],
    ["vendure.order.jsonata", "vendure.ordersPlaced.json"],
    ["mirakl.order.jsonata", "mirakl.ordersChanged.us.json"],
    ["b2b-portal.order.jsonata", "b2b-portal.ordersArrived.json"],
    ["x12.order.jsonata", "x12.ordersArrived.json"],
    ["edifact.order.jsonata", "edifact.ordersArrived.json"],
  ])("has its account's alias: %s", async (mapping, file) => {
    const source = { source: { node: "in", system: "x", account: "shop-a.example" } };
    const [order] = [await runMapping(mapping, readJson(`./samples/${file}`), source)].flat() as Tree[];
    expect(order?.channel).toMatchObject({ account: "shop-a.example", alias: "SHOP--A-EXAMPLE" });
  });

  it("and one of a system whose ids are all its own has none", async () => {
    expect((await sample("us-two-lines")).channel).not.toHaveProperty("alias");
  });
});
