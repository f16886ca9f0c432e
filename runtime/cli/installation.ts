import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ConnectorFiles } from "#nodes/connector/check.ts";
import { checkExpression } from "#nodes/expression/expression.ts";
import type { Catalog } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { canonicalSchemaNames } from "#schemas/canonical/registry.ts";
import type { FlowContext } from "#schemas/validate/flow.ts";
import { filesEnding } from "./files.ts";
import type { Io } from "./output.ts";

/** All that flows are checked and run with. */
export interface Installation {
  /** Without node types and connectors that cannot be used; flows that need them have problems of their own. */
  catalog: Catalog;
  flowContext: FlowContext;
}

/** Reads the node types and connectors; what cannot be used is said on the error output. */
export async function openInstallation(io: Io): Promise<Installation> {
  const { catalog, problems } = await builtCatalog(io.root);
  for (const { message } of problems) io.err(message);
  const { manifests, connectors } = catalog;
  return { catalog, flowContext: { manifests, connectors, checkExpression, schemas: canonicalSchemaNames() } };
}

/** What a connector file is checked against: the mappings and samples that stand beside it. */
export async function connectorFiles(path: string): Promise<ConnectorFiles> {
  const folder = dirname(path);
  const names = await filesEnding(folder, ".jsonata");
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return {
    mappings: Object.fromEntries(names.map((name, i) => [name, texts[i] ?? ""])),
    samples: await filesEnding(join(folder, "samples"), ".json"),
  };
}
