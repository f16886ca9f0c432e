import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import type { Connector, ConnectorOperation } from "#schemas/connector.ts";
import { canonical } from "./canonicalAspect.fixture.ts";
import { type Aspect, aspects, type Files, orphans, strangers } from "./everyConnector.fixture.ts";
import { readText } from "./mapping.fixture.ts";
import { connectorOf } from "./operation.fixture.ts";
import { simulator } from "./simulatorAspect.fixture.ts";
import { subscriptions } from "./subscriptionAspect.fixture.ts";

/** That a connector adds no code: whatever it needs comes from its files, and every connector has all of it. */

const names = readdirSync(fromRoot("nodes", "connectors"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => (parentPath.endsWith("samples") ? `samples/${name}` : name));
const files: Files = new Map(names.map((name) => [name, readText(`./${name}`)]));
const connectors = names.filter((name) => name.endsWith(".connector.json")).map((name) => connectorOf(name.split(".")[0] ?? ""));

const all: Readonly<Record<string, Aspect>> = { ...aspects, canonical, simulator, subscriptions };

describe("the folder of connectors", () => {
  it("holds JSON, JSONata and Markdown, and nothing else", () => expect(strangers(files)).toEqual([]));
  it("holds nothing that no connector names", () => expect(orphans(files, connectors)).toEqual([]));
});

describe.each(connectors.map((connector) => [connector.id, connector] as [string, Connector]))("%s", (_id, connector) => {
  it.each(Object.entries(all))("has all of its %s", async (_aspect, lacks) => {
    expect(await lacks({ connector, files })).toEqual([]);
  });
});

describe("the walk can fail", () => {
  const ebay = connectorOf("ebay");
  const shopify = connectorOf("shopify");
  const { orderCreated } = shopify.operations;
  const subscription = orderCreated?.transport === "webhook" ? orderCreated.subscription : undefined;
  const lost = { ...subscription, address: "'https://elsewhere.example'" };
  const changed = (change: (connector: Connector) => unknown): Connector => {
    const copy = structuredClone(ebay);
    change(copy);
    return copy;
  };
  const without = (name: string): Files => new Map([...files].filter(([each]) => each !== name));
  it.each<[string, string, Connector, Files, string]>([
    ["without a page", "page", ebay, without("ebay.README.md"), "There is no page ebay.README.md."],
    [
      "with an operation that its page does not know",
      "page",
      changed(({ operations }) => Object.assign(operations.getOrder as object, { title: "Weigh order" })),
      files,
      'Its page does not say what "Weigh order" (getOrder) does.',
    ],
    [
      "with an operation that its simulator does not know",
      "simulator",
      changed(({ simulator }) => {
        if (simulator)
          simulator.routes = simulator.routes.filter(({ method, path }) => method !== "GET" || !path.endsWith("/order"));
      }),
      files,
      "The simulator of ebay does not answer ordersChanged with ebay.ordersChanged.us.json: ",
    ],
    [
      "with a subscription that it does not find again",
      "subscriptions",
      Object.assign(structuredClone(ebay), {
        operations: { placed: { ...shopify.operations.orderCreated, subscription: lost } },
        ...{ simulator: shopify.simulator, connection: shopify.connection, baseUrl: shopify.baseUrl },
      }),
      files,
      "ebay.placed: what is made does not stand, or not once.",
    ],
    [
      "whose partner does not answer",
      "simulator",
      { ...connectorOf("x12"), simulator: { routes: [], files: [] } },
      files,
      "The partner of x12 does not take 940_SHOPIFY_5901234567001.edi, which sendShippingOrder drops: no rule fits it.",
    ],
    [
      "whose partner sends nothing",
      "simulator",
      { ...connectorOf("b2b-portal"), simulator: { ...connectorOf("b2b-portal").simulator, routes: [], sends: {} } },
      files,
      "The partner of b2b-portal sends nothing that ordersArrived could take.",
    ],
    [
      "without a simulator",
      "simulator",
      changed((connector) => delete connector.simulator),
      files,
      "The simulator of ebay does not answer getOrder with ebay.getOrder.json: ",
    ],
    [
      "with an operation without samples",
      "samples",
      changed(({ operations }) => Object.assign(operations.getOrder as object, { samples: [] })),
      files,
      "ebay.getOrder has no sample.",
    ],
    [
      "with a sample that is not there",
      "samples",
      ebay,
      without("samples/ebay.getOrder.json"),
      "ebay.getOrder names ebay.getOrder.json, which is not there.",
    ],
    [
      "with a sample that the engine cannot read",
      "executor",
      changed(({ operations }) => Object.assign(operations.getOrder as object, { success: "false" })),
      files,
      "ebay.getOrder cannot be executed with ebay.getOrder.json: ",
    ],
    [
      "with a setting that no widget is for",
      "form",
      changed(({ connection }) => Object.assign(connection.properties as object, { odd: { title: "Odd", description: "Odd." } })),
      files,
      "The connection: the form has no widget for odd.",
    ],
    [
      "with two operations of one name",
      "palette",
      changed(({ operations }) => Object.assign(operations.getOrder as object, { title: operations.setQuantity?.title })),
      files,
      "ebay.setQuantity is called as another: ",
    ],
    [
      "with an expression that cannot be read",
      "validation",
      changed(({ operations }) => Object.assign(operations.getOrder as object, { result: "body." })),
      files,
      "/operations/getOrder/result: ",
    ],
    [
      "that is told of no shipment",
      "canonical",
      changed(({ operations }) => delete operations.confirmShipment),
      files,
      "ebay has no shipment out.",
    ],
    [
      "whose stock comes in as nobody else has it",
      "canonical",
      {
        ...connectorOf("shiphero"),
        operations: {
          readStock: { ...connectorOf("shiphero").operations.readStock, result: "[{ 'sku': 'A' }]" } as ConnectorOperation,
        },
      },
      files,
      "What readStock reads of shiphero.readStock.json is no canonical/inventory-level/1: ",
    ],
    [
      "that takes quantities as nobody else gives them",
      "canonical",
      changed(({ operations }) => delete (operations.setQuantity as { input?: string }).input),
      files,
      "ebay.setQuantity takes no inventory level.",
    ],
    [
      "whose sample of a quantity is no level",
      "canonical",
      ebay,
      new Map([...files, ["samples/ebay.setQuantity.json", '{ "item": { "sku": "A", "quantity": 5 } }']]),
      "ebay.setQuantity.json is no canonical/inventory-level/1: ",
    ],
    [
      "whose returns nothing makes canonical",
      "canonical",
      connectorOf("walmart"),
      without("walmart.return.jsonata"),
      "walmart has no return in.",
    ],
    [
      "that is given a return as nobody else has it",
      "canonical",
      connectorOf("avalara"),
      new Map([
        ...files,
        [
          "samples/avalara.recordReturn.json",
          (files.get("samples/avalara.recordReturn.json") ?? "").replace('"returnId"', '"id"'),
        ],
      ]),
      "return of avalara.recordReturn.json is no canonical/return/1: ",
    ],
    [
      "whose connection takes anything",
      "validation",
      changed(({ connection }) => Object.assign(connection, { additionalProperties: true })),
      files,
      "A connection with a setting that nobody knows is not refused.",
    ],
  ])("on a connector %s, and says so", async (_what, aspect, connector, folder, sentence) => {
    const lacks = await all[aspect]?.({ connector, files: folder });
    expect(lacks).toEqual(expect.arrayContaining([expect.stringContaining(sentence)]));
  });

  it("on code in the folder, and on a mapping that is left over", () => {
    const more = new Map([...files, ["ebay.strategy.ts", ""], ["ebay.old.jsonata", "$"]]);
    expect(strangers(more)).toEqual(["ebay.strategy.ts is neither JSON nor JSONata nor Markdown."]);
    expect(orphans(more, connectors)).toContain("ebay.old.jsonata belongs to no operation and no line of canonical.json.");
  });
});
