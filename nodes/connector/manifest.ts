import type { Connector, ConnectorOperation, HttpOperation } from "#schemas/connector.ts";
import type { NodeManifest, Port } from "#schemas/manifest.ts";
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
const sinkConfig = (config: HttpOperation["config"]): Record<string, unknown> => ({
  ...config,
  type: "object",
  additionalProperties: false,
  properties: { ...record(config?.properties), attach },
});

type Common = Pick<NodeManifest, "type" | "version" | "title" | "summary" | "icon" | "keywords" | "connector" | "operation">;

const sourceManifest = (common: Common, operation: Exclude<ConnectorOperation, HttpOperation>): NodeManifest => ({
  ...common,
  category: "source",
  kind: "source",
  inputs: [],
  outputs: [{ name: "out", title: "Out", description: "Each document that came in, as the system sent it." }],
  config: sourceConfig(operation),
});

function effectManifest(common: Common, connector: Connector, operation: HttpOperation): NodeManifest {
  const input: Port = { name: "in", title: "In", ...(operation.input === undefined ? {} : { schema: operation.input }) };
  return {
    ...common,
    category: "sink",
    kind: "effect",
    inputs: [input],
    outputs: [
      { name: "out", title: "Out", description: "The item, once the system has answered." },
      { name: "result", title: "Result", description: `What ${connector.title} answered.` },
    ],
    config: sinkConfig(operation.config),
    effect: { idempotency: operation.idempotency.mode, read: operation.kind === "lookup" },
    ...(operation.retry === undefined ? {} : { retry: operation.retry }),
  };
}

/** The node type that an operation of a connector becomes. Throws when the connector has no such operation. */
export function operationManifest(connector: Connector, name: string): NodeManifest {
  const operation = Object.hasOwn(connector.operations, name) ? connector.operations[name] : undefined;
  if (!operation) throw new Error(`Connector "${connector.id}" has no operation "${name}".`);
  const common: Common = {
    type: `${connector.id}.${name}`,
    version: connector.version,
    title: operation.title,
    summary: operation.summary,
    icon: connector.id,
    keywords: [...(operation.keywords ?? []), connector.title, connector.system],
    connector: connector.id,
    operation: name,
  };
  return operation.transport === "http" ? effectManifest(common, connector, operation) : sourceManifest(common, operation);
}

/** The node types of all operations of a connector. */
export const operationManifests = (connector: Connector): NodeManifest[] =>
  Object.keys(connector.operations).map((name) => operationManifest(connector, name));
