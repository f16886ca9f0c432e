import type { Bundle, FileTexts } from "#schemas/bundle.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Connector } from "#schemas/connector.ts";
import { sha256Hex } from "#schemas/hash.ts";
import { parseJson } from "#schemas/json.ts";
import { connectorProblems } from "../connector/check.ts";
import { operationManifests } from "../connector/manifest.ts";
import { type Catalog, mappingFiles } from "../lock.ts";

/** The files that belong to flows; others in a folder are not ours. */
const paths = {
  flow: /^flows\/([a-z][a-z0-9-]{0,63})\.flow\.json$/,
  sample: /^flows\/samples\/([a-z][a-z0-9-]{0,63})\/([a-z0-9][a-z0-9-]{0,63})\.sample\.json$/,
  connector: /^nodes\/connectors\/([a-z][a-z0-9-]{0,63})\.connector\.json$/,
  mapping: /^nodes\/connectors\/([A-Za-z0-9][A-Za-z0-9._-]{0,120}\.jsonata)$/,
  schema: /^schemas\/canonical\/([a-z][a-z0-9-]{0,63})\.schema\.json$/,
} as const;
export type FileKind = keyof typeof paths;

/** What a path names, or undefined for a file that is none of ours. */
export function fileKind(path: string): { kind: FileKind; name: string; sample?: string } | undefined {
  for (const kind of Object.keys(paths) as FileKind[]) {
    const [, name, sample] = paths[kind].exec(path) ?? [];
    if (name !== undefined) return { kind, name, ...(sample === undefined ? {} : { sample }) };
  }
  return undefined;
}

/** What came out of a bundle, nothing of it trusted further than that it is JSON. */
export interface OpenedBundle {
  flows: { id: string; flow: unknown }[];
  /** By flow and name. */
  samples: Record<string, Record<string, unknown>>;
  connectors: Record<string, unknown>;
  mappings: FileTexts;
  schemas: Record<string, unknown>;
  /** Sentences: hashes that do not fit, files that nobody knows or reads. */
  faults: string[];
}

/** Opens a bundle whose hashes are right; each fault is one of the files, in a sentence. */
export function openBundle({ files, sha256 }: Bundle): OpenedBundle {
  const opened: OpenedBundle = { flows: [], samples: {}, connectors: {}, mappings: {}, schemas: {}, faults: [] };
  const missing = Object.keys(sha256).filter((path) => !Object.hasOwn(files, path));
  opened.faults.push(...missing.map((path) => `${path} is named, but not there.`));
  for (const [path, text] of Object.entries(files)) {
    const fault =
      Object.hasOwn(sha256, path) && sha256[path] === sha256Hex(text)
        ? add(opened, path, text)
        : "has another hash than is said.";
    if (fault) opened.faults.push(`${path} ${fault}`);
  }
  return opened;
}

/** Takes one file in; gives what is wrong with it. */
function add(opened: OpenedBundle, path: string, text: string): string | undefined {
  const known = fileKind(path);
  if (!known) return "is no file that a bundle can hold.";
  const { kind, name, sample = "" } = known;
  if (kind === "mapping") {
    opened.mappings[name] = text;
    return undefined;
  }
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    return `is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (kind === "flow") opened.flows.push({ id: name, flow: value });
  else if (kind === "connector") opened.connectors[name] = value;
  else if (kind === "schema") opened.schemas[name] = value;
  else opened.samples[name] = { ...opened.samples[name], [sample]: value };
  return undefined;
}

/** A catalog in which the connectors of the files stand in the place of those that are installed. */
export interface FilesCatalog {
  catalog: Catalog;
  /** Connectors that are not here, or otherwise. */
  foreign: { id: string; version: string; installed: string | null }[];
  faults: string[];
}

/** The catalog by which flows of the files are checked and locked. Connectors that no flow of them uses are left out. */
export function filesCatalog(
  installed: Catalog,
  { connectors, mappings }: OpenedBundle,
  used: ReadonlySet<string>,
): FilesCatalog {
  const catalog: Catalog = {
    manifests: { ...installed.manifests },
    connectors: { ...installed.connectors },
    mappings: { ...installed.mappings },
  };
  const result: FilesCatalog = { catalog, foreign: [], faults: [] };
  for (const [id, value] of Object.entries(connectors).filter(([name]) => used.has(name))) {
    const errors = connectorProblems(value, { mappings }).filter(({ severity }) => severity === "error");
    const [first] = errors;
    if (first || (value as Connector).id !== id) {
      result.faults.push(
        `nodes/connectors/${id}.connector.json: ${first?.message ?? "The connector has another id than its file."}`,
      );
      continue;
    }
    const connector = value as Connector;
    const own = Object.hasOwn(installed.connectors, id) ? installed.connectors[id] : undefined;
    if (own && isSame(own, installed.mappings, connector, mappings)) continue;
    result.foreign.push({ id, version: connector.version, installed: own?.version ?? null });
    take(catalog, connector, mappings);
  }
  return result;
}

function isSame(own: Connector, ownMappings: FileTexts, other: Connector, otherMappings: FileTexts): boolean {
  return (
    canonicalJson(own) === canonicalJson(other) &&
    mappingFiles(own).every((file) => ownMappings[`${own.id}/${file}`] === otherMappings[file])
  );
}

function take(catalog: Catalog, connector: Connector, mappings: FileTexts): void {
  const { id } = connector;
  for (const [type, manifest] of Object.entries(catalog.manifests)) {
    if (manifest.connector === id) delete catalog.manifests[type];
  }
  for (const manifest of operationManifests(connector)) catalog.manifests[manifest.type] = manifest;
  catalog.connectors[id] = connector;
  for (const file of mappingFiles(connector)) {
    const text = Object.hasOwn(mappings, file) ? mappings[file] : undefined;
    if (text !== undefined) catalog.mappings[`${id}/${file}`] = text;
  }
}
