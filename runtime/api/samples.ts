import { readdir, readFile } from "node:fs/promises";
import { fromRoot } from "#runtime/root.ts";
import type { Db } from "#runtime/store/database.ts";
import { samplesShared } from "#runtime/store/flows.ts";
import { parseJson } from "#schemas/json.ts";
import type { FlowSample } from "#schemas/sample.ts";

const ENDING = ".sample.json";
const flowId = /^[a-z][a-z0-9-]{0,63}$/;

/** The samples of a flow. */
export const samplesOf = async (db: Db, flow: string): Promise<FlowSample[]> =>
  Object.values(await sampleTexts(db, flow)).map((text) => parseJson(text) as FlowSample);

/**
 * The texts of a flow's sample files, by the names of the samples and in their order: those that stand beside its own
 * file, else those of the flow it was made from.
 */
export async function sampleTexts(db: Db, flow: string): Promise<Record<string, string>> {
  const own = await sampleFiles(flow);
  if (Object.keys(own).length > 0) return own;
  const shared = await samplesShared(db, flow);
  return shared === null ? {} : sampleFiles(shared);
}

export async function sampleFiles(flow: string): Promise<Record<string, string>> {
  if (!flowId.test(flow)) return {};
  const folder = fromRoot("flows", "samples", flow);
  const files = (await readdir(folder).catch(() => [] as string[])).filter((name) => name.endsWith(ENDING)).sort();
  const texts = await Promise.all(files.map((name) => readFile(`${folder}/${name}`, "utf8")));
  return Object.fromEntries(files.map((name, index) => [name.slice(0, -ENDING.length), texts[index] ?? ""]));
}
