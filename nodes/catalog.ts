// Not for the browser: reads the disk.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Connector } from "#schemas/connector.ts";
import { parseJson } from "#schemas/json.ts";
import { NodeManifest } from "#schemas/manifest.ts";
import type { Problem } from "#schemas/problem.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { allConnectorProblems } from "./connector/check.ts";
import { operationManifests } from "./connector/manifest.ts";
import { type Catalog, mappingFiles } from "./lock.ts";

/** A problem of a file of the catalog; `file` is relative to the root folder. */
export type FileProblem = Problem & { file: string };

export interface LoadedCatalog {
  catalog: Catalog;
  /** Files with errors are left out of the catalog; those with warnings alone are in it. */
  problems: FileProblem[];
}

interface Loading extends LoadedCatalog {
  root: string;
}

const fault = (file: string, code: string, message: string): FileProblem => ({
  file,
  code,
  severity: "error",
  pointer: "",
  message: `${file}: ${message}`,
});

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (raw) {
    if (raw instanceof Error && "code" in raw && (raw.code === "ENOENT" || raw.code === "ENOTDIR")) return [];
    throw raw;
  }
}

/** The JSON of a file, or `undefined` with a problem noted. */
async function readJson({ root, problems }: Loading, file: string): Promise<unknown> {
  try {
    return parseJson(await readFile(join(root, file), "utf8"));
  } catch (raw) {
    problems.push(fault(file, "catalog.unreadable", raw instanceof Error ? raw.message : String(raw)));
    return undefined;
  }
}

function addManifest(loading: Loading, manifest: NodeManifest, file: string): void {
  const { catalog, problems } = loading;
  if (Object.hasOwn(catalog.manifests, manifest.type))
    problems.push(fault(file, "catalog.duplicate", `The node type "${manifest.type}" exists twice.`));
  else catalog.manifests[manifest.type] = manifest;
}

async function loadManifests(loading: Loading): Promise<void> {
  for (const folder of await namesIn(join(loading.root, "nodes"))) {
    if (!(await namesIn(join(loading.root, "nodes", folder))).includes("node.json")) continue;
    const file = `nodes/${folder}/node.json`;
    const manifest = await readJson(loading, file);
    if (manifest === undefined) continue;
    const check = checkAgainst(NodeManifest, manifest);
    if (!check.ok) throw new Error(`The schema of node manifests cannot be used: ${check.message}`);
    for (const { subject, predicate } of check.faults)
      loading.problems.push(fault(file, "catalog.manifest", `${subject || "The manifest"} ${predicate}.`));
    if (check.faults.length === 0) addManifest(loading, manifest as NodeManifest, file);
  }
}

async function readMappings(loading: Loading, names: readonly string[]): Promise<Record<string, string>> {
  const files = names.filter((name) => name.endsWith(".jsonata"));
  const texts = await Promise.all(files.map((name) => readFile(join(loading.root, "nodes/connectors", name), "utf8")));
  return Object.fromEntries(files.map((name, index) => [name, texts[index] ?? ""]));
}

async function loadConnectors(loading: Loading): Promise<void> {
  const { root, catalog, problems } = loading;
  const names = await namesIn(join(root, "nodes/connectors"));
  const mappings = await readMappings(loading, names);
  const samples = await namesIn(join(root, "nodes/connectors/samples"));
  for (const name of names.filter((each) => each.endsWith(".connector.json"))) {
    const file = `nodes/connectors/${name}`;
    const json = await readJson(loading, file);
    if (json === undefined) continue;
    const found = await allConnectorProblems(json, { mappings, samples });
    problems.push(...found.map((problem) => ({ ...problem, file, message: `${file}: ${problem.message}` })));
    if (found.some(({ severity }) => severity === "error")) continue;
    const connector = json as Connector;
    if (name !== `${connector.id}.connector.json`)
      problems.push(
        fault(file, "catalog.name", `The file of connector "${connector.id}" must be named ${connector.id}.connector.json.`),
      );
    catalog.connectors[connector.id] = connector;
    for (const manifest of operationManifests(connector)) addManifest(loading, manifest, file);
    for (const mapping of mappingFiles(connector)) catalog.mappings[`${connector.id}/${mapping}`] = mappings[mapping] ?? "";
  }
}

/**
 * Reads all node types, connectors and mappings of an installation. Never throws for a faulty file: it is left out, with
 * a sentence for each problem, so that one broken connector does not stop the rest.
 */
export async function loadCatalog(root: string): Promise<LoadedCatalog> {
  const loading: Loading = { root, catalog: { manifests: {}, connectors: {}, mappings: {} }, problems: [] };
  await loadManifests(loading);
  await loadConnectors(loading);
  return { catalog: loading.catalog, problems: loading.problems };
}
