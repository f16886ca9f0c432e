import type { Connector, ConnectorOperation, HttpOperation } from "#schemas/connector.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { WebhookOperation } from "#schemas/sourceOperation.ts";
import type { Lock } from "../plan.ts";

/** An operation with the connector it belongs to. */
export interface LockedOperation {
  connector: Connector;
  operation: HttpOperation;
  /** True where a webhook that only points at a document fetches it: the answer is what the source gives. */
  fetches: boolean;
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
function fetchOperation(webhook: WebhookOperation): HttpOperation | undefined {
  if (webhook.fetch === undefined) return undefined;
  const { title, summary, fetch, result, errors, retry, samples } = webhook;
  return {
    kind: "lookup",
    transport: "http",
    title,
    summary,
    request: fetch,
    idempotency: { mode: "none" },
    ...(result === undefined ? {} : { result }),
    ...(errors === undefined ? {} : { errors }),
    ...(retry === undefined ? {} : { retry }),
    samples,
  };
}

/** The HTTP operation that a node performs: an effect's own, or the fetch of a webhook source; undefined for any other. */
export function httpOperationOf(lock: Lock, manifest: NodeManifest | undefined): HttpOperation | undefined {
  const operation = operationOf(lock, manifest);
  if (operation?.transport === "webhook") return fetchOperation(operation);
  return operation?.transport === "http" ? operation : undefined;
}

/** The text of a `.jsonata` file beside a connector, by file name. */
export const mappingOf =
  (lock: Lock, connector: Connector) =>
  (file: string): string | undefined => {
    const name = `${connector.id}/${file}`;
    return Object.hasOwn(lock.mappings, name) ? lock.mappings[name] : undefined;
  };

/** The HTTP operation of a node's type. Throws when the lock does not hold it: then the version is broken. */
export function lockedOperation(lock: Lock, manifest: NodeManifest): LockedOperation {
  const { connector: id = "", operation: name = "" } = manifest;
  const { connector } = find(lock, manifest);
  const operation = httpOperationOf(lock, manifest);
  if (!connector || !operation) {
    throw new Error(`The version has no operation "${name}" of connector "${id}", which its node type ${manifest.type} needs.`);
  }
  return { connector, operation, fetches: manifest.kind === "source", name, mapping: mappingOf(lock, connector) };
}
