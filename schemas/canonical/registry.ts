import inventoryLevel from "./inventory-level.schema.json" with { type: "json" };
import order from "./order.schema.json" with { type: "json" };
import returned from "./return.schema.json" with { type: "json" };
import settlement from "./settlement.schema.json" with { type: "json" };
import shipment from "./shipment.schema.json" with { type: "json" };

/** One canonical schema: the newest minor of a major, which understands every document of that major. */
export interface CanonicalSchema {
  /** What flows name: `canonical/order/1`. */
  name: string;
  /** The exact version, such as `1.0.0`. */
  version: string;
  title: string;
  schema: Readonly<Record<string, unknown>>;
}

const entry = (schema: { $id: string; title: string }): [string, CanonicalSchema] => {
  const [, kind = "", version = ""] = schema.$id.split("/");
  const name = `canonical/${kind}/${version.split(".")[0]}`;
  return [name, { name, version, title: schema.title, schema }];
};

const schemas: ReadonlyMap<string, CanonicalSchema> = new Map([inventoryLevel, order, returned, settlement, shipment].map(entry));

/** The canonical schema of a major name, or `undefined` when there is none. */
export const canonicalSchema = (name: string): CanonicalSchema | undefined => schemas.get(name);

/** All canonical schemas, for pickers and docs. */
export const canonicalSchemas = (): CanonicalSchema[] => [...schemas.values()];

/** The names under which flows and connectors may name them. */
export const canonicalSchemaNames = (): string[] => canonicalSchemas().map((schema) => schema.name);
