import { readdir, readFile } from "node:fs/promises";
import { fromRoot } from "#runtime/root.ts";
import type { Settings } from "#runtime/settings.ts";
import type { Db } from "#runtime/store/database.ts";
import { samplesShared, versionSamples } from "#runtime/store/flows.ts";
import { keptSamples } from "#runtime/store/samples.ts";
import type { FileTexts } from "#schemas/bundle.ts";
import { parseJson } from "#schemas/json.ts";
import type { FlowSample } from "#schemas/sample.ts";
import { ApiFailure } from "./errors.ts";

const ENDING = ".sample.json";
const flowId = /^[a-z][a-z0-9-]{0,63}$/;

/** The samples of a flow's draft. */
export const samplesOf = async (db: Db, flow: string): Promise<FlowSample[]> =>
  Object.values(await sampleTexts(db, flow)).map((text) => parseJson(text) as FlowSample);

/**
 * The texts of sample files of a flow's draft, or of one of its versions, by the names of the samples and in their order. A draft has those that come with the ready flow
 * that it is, or was made from, and those that are kept with it, which go before a given one of the same name.
 */
export async function sampleTexts(db: Db, flow: string, version?: number): Promise<FileTexts> {
  const published = version === undefined ? null : await versionSamples(db, flow, version);
  if (published !== null) return published;
  const kept = Object.entries(await keptSamples(db, flow)).map(([name, { body }]) => [name, body] as const);
  const all = [...Object.entries(await givenSamples(db, flow)), ...kept];
  return Object.fromEntries(Object.entries(Object.fromEntries(all)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Those that come with a ready flow: beside the flow's own file, else of the flow it was made from. */
export async function givenSamples(db: Db, flow: string): Promise<FileTexts> {
  const own = await sampleFiles(flow);
  if (Object.keys(own).length > 0) return own;
  const shared = await samplesShared(db, flow);
  return shared === null ? {} : sampleFiles(shared);
}

export async function sampleFiles(flow: string): Promise<FileTexts> {
  if (!flowId.test(flow)) return {};
  const folder = fromRoot("flows", "samples", flow);
  const files = (await readdir(folder).catch(() => [] as string[])).filter((name) => name.endsWith(ENDING)).sort();
  const texts = await Promise.all(files.map((name) => readFile(`${folder}/${name}`, "utf8")));
  return Object.fromEntries(files.map((name, index) => [name.slice(0, -ENDING.length), texts[index] ?? ""]));
}

/** Throws where a sample is larger than the settings allow, as JSON without blanks. */
export function requireSampleSize(what: string, text: string, { maxSampleBytes }: Settings): void {
  const size = Buffer.byteLength(text);
  if (size > maxSampleBytes)
    throw new ApiFailure("sampleTooLarge", { what, size: Math.ceil(size / 1_000), most: Math.floor(maxSampleBytes / 1_000) });
}
