import type { Connector, ConnectorOperation, HttpOperation } from "#schemas/connector.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { Lock } from "../plan.ts";

/** An operation with the connector it belongs to. */
export interface LockedOperation {
  connector: Connector;
  operation: HttpOperation;
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

/** The operation behind an effect node's type. Throws when the lock does not hold it: then the version is broken. */
export function lockedOperation(lock: Lock, manifest: NodeManifest): LockedOperation {
  const { connector: id = "", operation: name = "" } = manifest;
  const { connector, operation } = find(lock, manifest);
  if (!connector || operation?.transport !== "http") {
    throw new Error(`The version has no operation "${name}" of connector "${id}", which its node type ${manifest.type} needs.`);
  }
  const mapping = (file: string) => (Object.hasOwn(lock.mappings, `${id}/${file}`) ? lock.mappings[`${id}/${file}`] : undefined);
  return { connector, operation, name, mapping };
}
