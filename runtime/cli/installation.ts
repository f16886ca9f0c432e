import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadCatalog } from "#nodes/catalog.ts";
import { checkExpression } from "#nodes/expression/expression.ts";
import { toExpressionError } from "#nodes/expression/expressionError.ts";
import { checkTemplate, plainPathTemplate } from "#nodes/expression/template.ts";
import type { Catalog } from "#nodes/lock.ts";
import { canonicalSchemas } from "#schemas/canonical/registry.ts";
import type { ConnectorContext } from "#schemas/validate/connector.ts";
import type { FlowContext } from "#schemas/validate/flow.ts";
import { filesEnding } from "./files.ts";
import type { Io } from "./output.ts";

/** All that flows are checked and run with. */
export interface Installation {
  /** Without node types and connectors that cannot be used; flows that need them have problems of their own. */
  catalog: Catalog;
  flowContext: FlowContext;
}

const schemaNames = (): string[] => canonicalSchemas().map((schema) => schema.name);

/** Reads the node types and connectors; what cannot be used is said on the error output. */
export async function openInstallation(io: Io): Promise<Installation> {
  const { catalog, problems } = await loadCatalog(io.root);
  for (const { message } of problems) io.err(message);
  const { manifests, connectors } = catalog;
  return { catalog, flowContext: { manifests, connectors, checkExpression, schemas: schemaNames() } };
}

const readPaths: NonNullable<ConnectorContext["readPaths"]> = (text) => {
  try {
    return { ok: true, paths: plainPathTemplate(text).paths };
  } catch (raw) {
    const { message, position } = toExpressionError(raw);
    return { ok: false, message, position };
  }
};

/** What a connector file is checked against: the mappings and samples that stand beside it. */
export async function connectorContext(path: string): Promise<ConnectorContext> {
  const folder = dirname(path);
  const names = await filesEnding(folder, ".jsonata");
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return {
    checkExpression,
    checkTemplate,
    readPaths,
    mappings: Object.fromEntries(names.map((name, i) => [name, texts[i] ?? ""])),
    samples: await filesEnding(join(folder, "samples"), ".json"),
    schemas: schemaNames(),
  };
}
