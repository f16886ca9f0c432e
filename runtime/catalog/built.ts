import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LoadedCatalog, loadCatalog } from "#nodes/catalog.ts";
import { fromRoot } from "../root.ts";

/** The catalog as a build has checked it: to check every connector takes longer than all else that a start does. */
const left = fromRoot("dist/catalog.json");

interface Built extends LoadedCatalog {
  /** Over every file it was read from. */
  print: string;
}

/** Reads and checks the catalog and leaves it in dist/ for `builtCatalog`. */
export async function buildCatalog(root = fromRoot("."), file = left): Promise<void> {
  const built: Built = { print: await fingerprint(root), ...(await loadCatalog(root)) };
  await writeFile(file, JSON.stringify(built));
}

/** The catalog that the build has checked; read and checked anew when a file of it is another one since. */
export async function builtCatalog(root = fromRoot("."), file = left): Promise<LoadedCatalog> {
  const [print, built] = await Promise.all([fingerprint(root), readBuilt(file)]);
  return built?.print === print ? built : loadCatalog(root);
}

async function readBuilt(file: string): Promise<Built | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Built;
  } catch {
    return undefined;
  }
}

/** A hash over names and contents: times change with every checkout. */
async function fingerprint(root: string): Promise<string> {
  const entries = await readdir(join(root, "nodes"), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && isData(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
  const hash = createHash("sha256");
  const contents = await Promise.all(paths.sort().map(async (path) => [path.slice(root.length), await readFile(path)]));
  for (const part of contents.flat()) hash.update(part).update("\0");
  return hash.digest("hex");
}

const isData = (name: string): boolean => /\.(json|jsonata)$/.test(name);
