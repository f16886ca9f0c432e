import type { Connector, ConnectorOperation, EffectOperation } from "#schemas/connector.ts";
import type { NodeManifest, Port } from "#schemas/manifest.ts";
import type { WebhookOperation } from "#schemas/sourceOperation.ts";
import { sourceConfig } from "./sourceConfig.ts";

/** The name under which an effect puts the answer into the item; plain names only, so that `item.name` reads it. */
const attach = {
  type: "string",
  title: "Attach the answer as",
  description: "Puts what the system answered into the passed item under this name. Empty: the item passes unchanged.",
  pattern: "^([A-Za-z][A-Za-z0-9_]{0,63})?$",
  not: { enum: ["constructor", "prototype"] },
  "x-widget": "fieldName",
};

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** The operation's own config with `attach` added at the end. */
const sinkConfig = (config: EffectOperation["config"]): Record<string, unknown> => ({
  ...config,
  type: "object",
  additionalProperties: false,
  properties: { ...record(config?.properties), attach },
});

type SourceOperation = Exclude<ConnectorOperation, EffectOperation>;

type Common = Omit<NodeManifest, "category" | "kind" | "inputs" | "outputs" | "config" | "effect">;

/** A webhook that only points at a document: the source asks the system for it. */
const fetches = (operation: SourceOperation): operation is WebhookOperation =>
  operation.transport === "webhook" && operation.fetch !== undefined;

const given = <Value>(name: string, value: Value | undefined): Record<string, Value> =>
  value === undefined ? {} : { [name]: value };

const outDescription = (operation: SourceOperation): string =>
  fetches(operation)
    ? "Each document that a message pointed at, as the system gave it."
    : "Each document that came in, as the system sent it.";

const sourceManifest = (common: Common, operation: SourceOperation): NodeManifest => ({
  ...common,
  category: "source",
  kind: "source",
  inputs: [],
  outputs: [{ name: "out", title: "Out", description: outDescription(operation) }],
  config: sourceConfig(operation),
  ...(fetches(operation) ? { effect: { idempotency: "none", read: true }, ...given("retry", operation.retry) } : {}),
});

function effectManifest(common: Common, connector: Connector, operation: EffectOperation): NodeManifest {
  const input: Port = { name: "in", title: "In", ...given("schema", operation.input) };
  return {
    ...common,
    category: "sink",
    kind: "effect",
    inputs: [input],
    outputs: [
      { name: "out", title: "Out", description: "The item, once the system has answered." },
      { name: "result", title: "Result", description: `What ${connector.title} answered.`, ...given("schema", operation.output) },
    ],
    config: sinkConfig(operation.config),
    effect: {
      idempotency: operation.idempotency.mode,
      read: operation.kind === "lookup",
      ...given("list", operation.items?.list),
    },
    ...given("retry", operation.retry),
  };
}

function migrationsOf({ migrations = {} }: Connector, name: string): number[] | undefined {
  const majors = Object.keys(migrations).filter((major) => Object.hasOwn(migrations[major] ?? {}, name));
  return majors.length > 0 ? majors.map(Number).sort((a, b) => a - b) : undefined;
}

/** What is known of its end: what it says itself, and what another operation says that stands in its place. */
function lifecycleOf(connector: Connector, name: string, { lifecycle = {} }: ConnectorOperation): NodeManifest["lifecycle"] {
  const { apiVersion, sunset } = lifecycle;
  const by = Object.entries(connector.operations).find(([, other]) => Object.hasOwn(other.lifecycle?.deprecates ?? {}, name));
  const found = {
    ...given("apiVersion", apiVersion),
    ...given("sunset", sunset),
    ...given("replacedBy", by && `${connector.id}.${by[0]}`),
  };
  return Object.keys(found).length > 0 ? found : undefined;
}

/** The node type that an operation of a connector becomes. Throws when the connector has no such operation. */
export function operationManifest(connector: Connector, name: string): NodeManifest {
  const operation = Object.hasOwn(connector.operations, name) ? connector.operations[name] : undefined;
  if (!operation) throw new Error(`Connector "${connector.id}" has no operation "${name}".`);
  const common: Common = {
    type: `${connector.id}.${name}`,
    version: connector.version,
    ...given("migrations", migrationsOf(connector, name)),
    ...given("lifecycle", lifecycleOf(connector, name, operation)),
    title: operation.title,
    summary: operation.summary,
    icon: connector.id,
    keywords: [...(operation.keywords ?? []), connector.title, connector.system],
    connector: connector.id,
    operation: name,
  };
  return operation.kind === "source" ? sourceManifest(common, operation) : effectManifest(common, connector, operation);
}

/** The node types of all operations of a connector. */
export const operationManifests = (connector: Connector): NodeManifest[] =>
  Object.keys(connector.operations).map((name) => operationManifest(connector, name));
