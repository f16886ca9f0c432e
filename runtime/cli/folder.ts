import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { bundleFiles } from "#nodes/bundle/bundleOf.ts";
import { fileKind } from "#nodes/bundle/openBundle.ts";
import { mappingFiles } from "#nodes/lock.ts";
import { Bundle, type FileTexts } from "#schemas/bundle.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { requireJson, stripMark } from "./files.ts";
import { UserError } from "./output.ts";

const folders = ["flows", "nodes/connectors", "schemas/canonical"] as const;

/** The files of a folder, or of a bundle, as a bundle: with the hashes that a bundle states, or those of the folder's files. */
export async function readFiles(name: string, cwd: string): Promise<Bundle> {
  const path = resolve(cwd, name);
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UserError(`${name} does not exist.`);
  if (found.isDirectory()) return bundleFiles(usedFiles(await readFolder(path), name));
  const { document } = await requireJson(name, cwd);
  const check = checkAgainst(Bundle, document);
  if (!check.ok) throw new Error(`The schema of bundles cannot be used: ${check.message}`);
  const [fault] = check.faults;
  if (fault) throw new UserError(`${name} is no bundle: ${fault.subject || "it"} ${fault.predicate}.`);
  return document as Bundle;
}

/** Every file of a folder that belongs to flows, by its path in the folder. */
export async function readFolder(path: string): Promise<FileTexts> {
  const found: [string, string][] = [];
  for (const folder of folders) {
    const names = await readdir(join(path, folder), { recursive: true }).catch(() => [] as string[]);
    for (const name of names.sort()) {
      const file = `${folder}/${name.replaceAll("\\", "/")}`;
      if (fileKind(file)) found.push([file, stripMark(await readFile(join(path, file), "utf8"))]);
    }
  }
  return Object.fromEntries(found);
}

/** The flows and what they use: a repository may hold many connectors besides. */
function usedFiles(files: FileTexts, name: string): FileTexts {
  const flows = Object.entries(files).flatMap(([file, text]) =>
    fileKind(file)?.kind === "flow" ? [jsonOf<Partial<Flow>>(file, text)] : [],
  );
  if (flows.length === 0) throw new UserError(`There is no flow in ${name}: flows stand as flows/ID.flow.json in it.`);
  const connectors = new Set(flows.flatMap(usedConnectors));
  const mappings = new Set(
    Object.entries(files).flatMap(([file, text]) => {
      const known = fileKind(file);
      const isUsed = known?.kind === "connector" && connectors.has(known.name);
      return isUsed ? namedMappings(jsonOf<Connector>(file, text)) : [];
    }),
  );
  return Object.fromEntries(
    Object.entries(files).filter(([file]) => {
      const known = fileKind(file);
      if (known?.kind === "connector") return connectors.has(known.name);
      return known?.kind !== "mapping" || mappings.has(known.name);
    }),
  );
}

const usedConnectors = ({ slots, nodes }: Partial<Flow>): string[] => [
  ...(Array.isArray(slots) ? slots.map(({ connector }) => connector) : []),
  ...(Array.isArray(nodes) ? nodes.map(({ type }) => String(type).split(".")[0] ?? "") : []),
];

/** Of a connector that has no operations the server says so. */
const namedMappings = (connector: Connector): string[] =>
  typeof connector.operations === "object" ? mappingFiles(connector) : [];

function jsonOf<Value>(file: string, text: string): Value {
  try {
    return parseJson(text) as Value;
  } catch (error) {
    throw error instanceof JsonError ? new UserError(`${file}: ${error.message}`) : error;
  }
}

/** What became of a folder: files that say something else now, and those that say the same. */
export interface Written {
  written: string[];
  unchanged: number;
}

/** Writes files into a folder; what says the same already is left alone. */
export async function writeFolder(path: string, files: FileTexts): Promise<Written> {
  const result: Written = { written: [], unchanged: 0 };
  for (const [file, text] of Object.entries(files)) {
    // What came over the network names no place outside of the folder.
    if (!fileKind(file)) throw new UserError(`The server sent ${file}, which is no file of flows.`);
    const target = join(path, file);
    if ((await readFile(target, "utf8").catch(() => undefined)) === text) {
      result.unchanged += 1;
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    result.written.push(file);
  }
  return result;
}
