import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder: a bundled file stands elsewhere than its source, so it is found from its package.json. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** A path in the project, wherever the calling code was bundled to: `fromRoot("dist/designer")`. */
export function fromRoot(...parts: string[]): string {
  return join(root, ...parts);
}

/** Walks up to this project's package.json. */
function findRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, "package.json");
    if (existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === "orderloom") return at;
    if (at === dirname(at)) throw new Error(`The project's package.json was not found above ${folder}.`);
  }
}
