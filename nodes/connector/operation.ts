import type { Connector, ConnectorOperation, ControlNumber, EffectOperation, RequestOperation } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { Decoding } from "#schemas/format.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { WebhookOperation } from "#schemas/sourceOperation.ts";
import type { Lock, Plan } from "../plan.ts";
import { filledIn } from "./fills.ts";
import { POINTER } from "./webhook.ts";

/** An operation with the connector it belongs to. */
export interface LockedOperation {
  connector: Connector;
  operation: EffectOperation;
  name: string;
  /** Expressions of `.jsonata` files, by file name. */
  mapping: (file: string) => string | undefined;
}

/** The connector and operation behind a node type, as far as the lock holds them; pure node types have none. */
function find(
  lock: Lock,
  manifest: NodeManifest | undefined,
): { connector?: Connector | undefined; operation?: ConnectorOperation | undefined } {
  const { connector: id = "", operation: name = "" } = manifest ?? {};
  const connector = Object.hasOwn(lock.connectors, id) ? lock.connectors[id] : undefined;
  return {
    connector,
    operation: connector && Object.hasOwn(connector.operations, name) ? connector.operations[name] : undefined,
  };
}

/** The operation behind a node type, source or effect; undefined for a pure node and for what the lock does not hold. */
export const operationOf = (lock: Lock, manifest: NodeManifest | undefined): ConnectorOperation | undefined =>
  find(lock, manifest).operation;

/** How a webhook that only points at a document fetches it: a read, done by the source node itself. */
function fetchOperation(webhook: WebhookOperation): RequestOperation | undefined {
  if (webhook.fetch === undefined) return undefined;
  const { title, summary, fetch, success, result, errors, retry, samples } = webhook;
  return {
    kind: "lookup",
    transport: "http",
    title,
    summary,
    request: fetch,
    idempotency: { mode: "none" },
    ...(success === undefined ? {} : { success }),
    ...(result === undefined ? {} : { result }),
    ...(errors === undefined ? {} : { errors }),
    ...(retry === undefined ? {} : { retry }),
    samples,
  };
}

/**
 * The operation by which a node asks or tells its system, as the node's config makes it: an effect's own, or the fetch of a
 * webhook source; undefined for any other.
 */
export function effectOperationOf(
  lock: Lock,
  manifest: NodeManifest | undefined,
  config: FlowNode["config"],
): EffectOperation | undefined {
  const operation = operationOf(lock, manifest);
  if (operation?.transport === "webhook") return fetchOperation(operation);
  return operation === undefined || operation.kind === "source" ? undefined : filledIn(operation, config);
}

/** What a node asks or tells its system by, as the lock has it; undefined for a node that does neither. */
export function lockedEffect(lock: Lock, { type, config }: Pick<FlowNode, "type" | "config">) {
  const manifest = Object.hasOwn(lock.manifests, type) ? lock.manifests[type] : undefined;
  const operation = effectOperationOf(lock, manifest, config);
  const connector = manifest?.connector === undefined ? undefined : lock.connectors[manifest.connector];
  return manifest && operation && connector ? { manifest, operation, connector } : undefined;
}

/** How an operation's good answer is read, where that is not JSON. */
export const decodingOf = (operation: EffectOperation): Decoding | undefined =>
  operation.transport === "sql" ? undefined : operation.decode;

/** How what an operation writes is numbered, where it is. */
export const controlNumberOf = (operation: EffectOperation): ControlNumber | undefined =>
  operation.transport === "sql" ? undefined : operation.controlNumber;

/** The port of a source at which its runs begin: where a message only points at a document, that is fetched first. */
export function entryPort(plan: Pick<Plan, "flow" | "lock">, node: string): "out" | typeof POINTER {
  const type = plan.flow.nodes.find((each) => each.id === node)?.type ?? "";
  const operation = operationOf(plan.lock, plan.lock.manifests[type]);
  return operation?.transport === "webhook" && operation.fetch !== undefined ? POINTER : "out";
}

/** The text of a `.jsonata` file beside a connector, by file name. */
export const mappingOf =
  (lock: Lock, connector: Connector) =>
  (file: string): string | undefined => {
    const name = `${connector.id}/${file}`;
    return Object.hasOwn(lock.mappings, name) ? lock.mappings[name] : undefined;
  };

/** The operation of a node's type with the node's config in it. Throws when the lock does not hold it: then the version is broken. */
export function lockedOperation(lock: Lock, manifest: NodeManifest, config: FlowNode["config"]): LockedOperation {
  const { connector: id = "", operation: name = "" } = manifest;
  const { connector } = find(lock, manifest);
  const operation = effectOperationOf(lock, manifest, config);
  if (!connector || !operation) {
    throw new Error(`The version has no operation "${name}" of connector "${id}", which its node type ${manifest.type} needs.`);
  }
  return { connector, operation, name, mapping: mappingOf(lock, connector) };
}
