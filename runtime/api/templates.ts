import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromRoot } from "#runtime/root.ts";
import type { Flow } from "#schemas/flow.ts";
import { parseJson } from "#schemas/json.ts";

const ending = ".flow.json";

/** The ready flows (`flows/*.flow.json`), by name: what a new flow can begin with. Each has samples of its own. */
export async function flowTemplates(folder = fromRoot("flows")): Promise<Flow[]> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => name.endsWith(ending));
  const flows = await Promise.all(names.map(async (name) => parseJson(await readFile(join(folder, name), "utf8")) as Flow));
  return flows.sort((a, b) => a.name.localeCompare(b.name));
}
