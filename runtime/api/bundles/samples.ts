import { sampleFile } from "#nodes/bundle/bundleOf.ts";
import { fileText } from "#nodes/bundle/fileText.ts";
import type { OpenedBundle } from "#nodes/bundle/openBundle.ts";
import type { Settings } from "#runtime/settings.ts";
import type { Db } from "#runtime/store/database.ts";
import { publishedSamples } from "#runtime/store/flows.ts";
import { keptSamples, type PushedSamples } from "#runtime/store/samples.ts";
import type { Bundle, FileTexts } from "#schemas/bundle.ts";
import { parseJson } from "#schemas/json.ts";
import { validateSample } from "#schemas/validate/sample.ts";
import { sampleTexts } from "../samples.ts";

/** What becomes of the samples of a flow that is taken in. */
export interface SamplesTaken {
  /** All of the files that are to be kept, with the revisions that are here. What comes with a ready flow, and says the same, is not kept anew. */
  pushed: PushedSamples;
  /** Those that are not here, or otherwise, by name. What is here and in no file stays. */
  changed: string[];
  /** Those of them that somebody kept here: neither a version nor files have them, and they would be lost. */
  ahead: string[];
  refusals: string[];
}

/** Looks at the samples that a bundle has of a flow; nothing is stored. */
export async function samplesTaken(
  { db, settings }: { db: Db; settings: Settings },
  { files }: Bundle,
  opened: OpenedBundle,
  flow: string,
): Promise<SamplesTaken> {
  const given = Object.entries(opened.samples[flow] ?? {});
  const refusals = given.flatMap(([name, sample]) => {
    const said = faultOf(name, sample, settings);
    return said === undefined ? [] : [`${sampleFile(flow, name)}: ${said}`];
  });
  const [here, kept, published] = await Promise.all([sampleTexts(db, flow), keptSamples(db, flow), publishedSamples(db, flow)]);
  const isHere = ([name, sample]: [string, unknown], texts: FileTexts): boolean =>
    Object.hasOwn(texts, name) && fileText(parseJson(texts[name] ?? "")) === fileText(sample);
  const differing = given.filter((each) => !isHere(each, here));
  const changed = differing.map(([name]) => name);
  const ahead = changed.filter((name) => {
    const own = kept[name];
    return own !== undefined && !own.pushed && !published.some((texts) => texts[name] === own.body);
  });
  // What comes with the ready flow stays with it.
  const held = given.map(([name]) => name).filter((name) => changed.includes(name) || kept[name] !== undefined);
  const texts = Object.fromEntries(
    held.map((name) => [name, changed.includes(name) ? (files[sampleFile(flow, name)] ?? "") : (kept[name]?.body ?? "")]),
  );
  const seen = Object.fromEntries(held.map((name) => [name, kept[name]?.revision ?? 0]));
  const names = new Set([...Object.keys(kept), ...changed]);
  const most = settings.maxSamplesPerFlow;
  if (names.size > most) refusals.push(`${flow} would keep ${names.size} samples, and ${most} are the most.`);
  return { pushed: { texts, seen }, changed, ahead, refusals };
}

function faultOf(name: string, sample: unknown, { maxSampleBytes }: Settings): string | undefined {
  const [problem] = validateSample(sample);
  if (problem) return problem.message;
  const called = (sample as { name: string }).name;
  if (called !== name) return `The sample is called ${called}.`;
  if (Buffer.byteLength(JSON.stringify(sample)) > maxSampleBytes)
    return `A sample has ${Math.floor(maxSampleBytes / 1_000)} kB at most.`;
  return undefined;
}
