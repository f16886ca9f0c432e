import { canonicalSchema } from "#schemas/canonical/registry.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { RequestTemplate, SqlTemplate } from "#schemas/request.ts";
import { stepRequests } from "./connector/steps.ts";
import type { Lock } from "./plan.ts";

/** All that flows can be made of here. */
export interface Catalog {
  /** By node type, operations of connectors among them. */
  manifests: Record<string, NodeManifest>;
  /** By connector id. */
  connectors: Record<string, Connector>;
  /** Text of `.jsonata` files by `connectorId/fileName`. */
  mappings: Record<string, string>;
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const bodyFile = (request: RequestTemplate | SqlTemplate | undefined): string | undefined =>
  request && "bodyFile" in request ? request.bodyFile : undefined;

/** The `.jsonata` files that a connector's requests name, of one operation or of all. */
export function mappingFiles(connector: Connector, operations = Object.values(connector.operations)): string[] {
  const files = operations.flatMap((operation) => {
    if (operation.kind !== "source") {
      const steps = stepRequests(operation).map((request) => request.bodyFile);
      return [bodyFile(operation.request), bodyFile(operation.idempotency.lookup?.request), ...steps];
    }
    if (operation.transport === "poll") return [bodyFile(operation.request), bodyFile(operation.acknowledge)];
    return operation.transport === "webhook" ? [bodyFile(operation.fetch)] : [];
  });
  return [...new Set(files.filter((file) => file !== undefined))];
}

function schemaNames(flow: Flow, manifests: readonly NodeManifest[]): string[] {
  const ofPorts = manifests.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]).map((port) => port.schema);
  const ofConfigs = flow.nodes.map((node) => node.config?.schema);
  return [...ofPorts, ...ofConfigs].filter((name) => typeof name === "string");
}

/**
 * What a version of the flow must keep so that later edits of connectors, mappings, schemas and node types do not change
 * it. Throws a sentence when the catalog does not have what the flow uses.
 */
export function makeLock(flow: Flow, catalog: Catalog): Lock {
  const lock: Lock = { manifests: {}, connectors: {}, mappings: {}, schemas: {} };
  for (const node of flow.nodes) {
    const manifest = own(catalog.manifests, node.type);
    if (!manifest) throw new Error(`Node "${node.id}" has the type "${node.type}", which does not exist here.`);
    lock.manifests[node.type] = manifest;
  }
  const manifests = Object.values(lock.manifests);
  const ids = [...manifests.map((manifest) => manifest.connector), ...flow.slots.map((slot) => slot.connector)];
  for (const id of new Set(ids.filter((name) => name !== undefined))) {
    const connector = own(catalog.connectors, id);
    if (!connector) throw new Error(`The flow uses the connector "${id}", which does not exist here.`);
    lock.connectors[id] = connector;
    for (const file of mappingFiles(connector)) {
      const text = own(catalog.mappings, `${id}/${file}`);
      if (text === undefined) throw new Error(`The connector "${id}" names the mapping ${file}, which does not exist here.`);
      lock.mappings[`${id}/${file}`] = text;
    }
  }
  for (const name of schemaNames(flow, manifests)) {
    const schema = canonicalSchema(name);
    if (!schema) throw new Error(`The flow uses the schema "${name}", which does not exist here.`);
    lock.schemas[name] = { version: schema.version, schema: schema.schema };
  }
  return lock;
}
