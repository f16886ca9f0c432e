import { canonicalFaults } from "#schemas/canonical/check.ts";
import type { Connector, ConnectorOperation } from "#schemas/connector.ts";
import { isObject } from "#schemas/isObject.ts";
import { type Aspect, connectionOf, type Files, operationsOf, parsed, type Walked } from "./everyConnector.fixture.ts";
import { type Exchange, type Known, operationOf } from "./operation.fixture.ts";

/** Documents that flow between a system and the others, by what they are of. */
const schemas = {
  order: "canonical/order/1",
  shipment: "canonical/shipment/1",
  stock: "canonical/inventory-level/1",
  return: "canonical/return/1",
  settlement: "canonical/settlement/1",
};
type Direction = `${keyof typeof schemas} ${"in" | "out"}`;

/** What flows between a system of each kind and the canonical documents. */
const wanted: Readonly<Record<Connector["system"], readonly Direction[]>> = {
  marketplace: ["order in", "shipment out", "stock out"],
  erp: ["order out", "shipment in", "stock in"],
  wms: ["order out", "shipment in", "stock in"],
  tax: ["order out", "return out"],
  payment: ["settlement in"],
  general: [],
};

/** What a system does not do, and why. */
const notThere: Readonly<Record<string, Partial<Record<Direction, string>>>> = {
  "amazon-notifications": {
    "order in": "it only points at orders, which the connector amazon gets",
    "shipment out": "a queue that is read",
    "stock out": "a queue that is read",
  },
  "mercado-libre": {
    "shipment out": "confirmShipment takes one with Mercado Libre's own shipment in orderRef, which is more than canonical",
  },
  otto: { "shipment out": "confirmShipment takes one with the return's number, which is more than canonical" },
  zalando: { "shipment out": "setTracking takes one with the return's number, which is more than canonical" },
  "b2b-portal": { "stock out": "its agreement has files of orders and shipments" },
  "csv-warehouse": { "stock in": "its agreement has files of orders and shipments" },
  x12: { "stock in": "846 is not among its documents" },
  edifact: { "stock in": "INVRPT is not among its documents" },
  easypost: { "order out": "a carrier: it takes shipments", "stock in": "a carrier has none" },
  shipstation: { "stock in": "API V1 knows no stock" },
};

/** What an operation takes beside its canonical document, by the name under which a lookup before it, or the flow, attaches it. */
const attached: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  "avalara.recordReturn": { return: schemas.return },
  "etsy.setQuantity": { inventory: null },
  "mirakl.setQuantity": { offer: null },
  "odoo.createSalesOrder": { products: null },
  "odoo.confirmSalesOrder": { salesOrder: null },
  "shopify.confirmShipment": { fulfillmentOrders: null },
  "tryton.createSale": { products: null },
  "tryton.advanceSale": { sale: null },
};

type Effect = Extract<ConnectorOperation, { kind: "sink" | "lookup" }>;
const effectsOf = (connector: Connector): [string, Effect][] =>
  operationsOf(connector).flatMap(([name, operation]) => (operation.kind === "source" ? [] : [[name, operation]]));

const mapsTo = (files: Files, id: string, schema: string): boolean =>
  (JSON.parse(files.get("canonical.json") ?? "[]") as { mapping: string; schema: string }[]).some(
    (entry) => entry.mapping.startsWith(`${id}.`) && entry.schema === schema && files.has(entry.mapping),
  );

function has({ connector, files }: Walked, direction: Direction): boolean {
  const [kind, way] = direction.split(" ") as [keyof typeof schemas, "in" | "out"];
  const schema = schemas[kind];
  const effects = effectsOf(connector);
  if (way === "in") return mapsTo(files, connector.id, schema) || effects.some(([, { output }]) => output === schema);
  return effects.some(
    ([name, { kind: does, input }]) =>
      does === "sink" && [input, ...Object.values(attached[`${connector.id}.${name}`] ?? {})].includes(schema),
  );
}

/** A way from and to the canonical documents in every direction that the system's kind has, and its own operations ask for. */
function directionsLack(walked: Walked): string[] {
  const { id, system } = walked.connector;
  const givesReturns = operationsOf(walked.connector).some(([, { milestone }]) => milestone === "return.received");
  return [...wanted[system], ...(givesReturns ? (["return in"] as const) : [])].flatMap((direction) => {
    const there = has(walked, direction);
    const reason = notThere[id]?.[direction];
    if (there && reason !== undefined) return [`${id} has ${direction}, though it is said not to: ${reason}.`];
    return there || reason !== undefined ? [] : [`${id} has no ${direction}.`];
  });
}

/** Whoever reads or sets stock does so by levels: by its name alone no operation counts. */
const stockLacks = (type: string, name: string, { kind, input, output }: Effect): string[] => [
  ...(kind === "lookup" && name === "readStock" && output !== schemas.stock ? [`${type} gives no inventory levels.`] : []),
  ...(kind === "sink" && /^set.*Quantit/.test(name) && input !== schemas.stock ? [`${type} takes no inventory level.`] : []),
];

const faultsOf = (what: string, schema: string, document: unknown): string[] =>
  (canonicalFaults(schema, document) ?? []).map(({ message }) => `${what} is no ${schema}: ${message}`);

/** What the samples of an operation hand to it fits the schema that it takes, and has nothing beside that is not attached. */
function itemFaults(type: string, { input, samples }: Effect, files: Files): string[] {
  if (input === undefined) return [];
  const beside = attached[type] ?? {};
  return samples.flatMap((file) => {
    const { item } = parsed(files, file) as Exchange;
    const items = isObject(item) && input === schemas.stock && Array.isArray(item.items) ? item.items : [item];
    return items.flatMap((each) => {
      const own = Object.entries(each as object).filter(([name]) => !Object.hasOwn(beside, name));
      const others = Object.entries(beside).flatMap(([name, schema]) => {
        const value = (each as Record<string, unknown>)[name];
        if (value === undefined) return [`${file} attaches no ${name}.`];
        return schema === null ? [] : faultsOf(`${name} of ${file}`, schema, value);
      });
      return [...faultsOf(file, input, Object.fromEntries(own)), ...others];
    });
  });
}

/** A connection that narrows nothing down: with what it cannot do without alone. */
function barest(connector: Connector): Known {
  const { config, secrets } = connectionOf(connector);
  const required = (connector.connection.required ?? []) as string[];
  return { config: Object.fromEntries(Object.entries(config).filter(([name]) => required.includes(name))), secrets };
}

/** What an operation reads of its samples' answers fits the schema that it gives. */
async function resultFaults({ connector, files }: Walked, name: string, { output, samples }: Effect): Promise<string[]> {
  if (output === undefined) return [];
  const lacks: string[] = [];
  for (const file of samples) {
    const { item, config, answer } = parsed(files, file) as Exchange;
    const answered = await operationOf(connector, name, barest(connector), config).read(item, { ...answer, last: true });
    const given = answered.ok ? [answered.result].flat() : [];
    if (given.length === 0) lacks.push(`${connector.id}.${name} reads nothing of ${file}.`);
    lacks.push(...given.flatMap((each) => faultsOf(`What ${name} reads of ${file}`, output, each)));
  }
  return lacks;
}

/** A way from and to the canonical documents, proven by what the samples hold. */
export const canonical: Aspect = async (walked) => {
  const lacks = directionsLack(walked);
  for (const [name, operation] of effectsOf(walked.connector)) {
    const type = `${walked.connector.id}.${name}`;
    lacks.push(...stockLacks(type, name, operation), ...itemFaults(type, operation, walked.files));
    lacks.push(...(await resultFaults(walked, name, operation)));
  }
  return lacks;
};
