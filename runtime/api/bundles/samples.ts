import { sampleFile } from "#nodes/bundle/bundleOf.ts";
import { fileText } from "#nodes/bundle/fileText.ts";
import type { OpenedBundle } from "#nodes/bundle/openBundle.ts";
import type { Settings } from "#runtime/settings.ts";
import type { Db } from "#runtime/store/database.ts";
import { keptSamples } from "#runtime/store/samples.ts";
import type { Bundle, FileTexts } from "#schemas/bundle.ts";
import { parseJson } from "#schemas/json.ts";
import { validateSample } from "#schemas/validate/sample.ts";
import { sampleTexts } from "../samples.ts";

/** What becomes of the samples of a flow that is taken in. */
export interface SamplesTaken {
  /** The texts of those that are not here, or otherwise, by name. What is here and in no file stays. */
  changed: FileTexts;
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
    const said = faultOf(name, sample, files[sampleFile(flow, name)] ?? "", settings);
    return said === undefined ? [] : [`${sampleFile(flow, name)}: ${said}`];
  });
  const here = await sampleTexts(db, flow);
  const differing = given.filter(
    ([name, sample]) => !Object.hasOwn(here, name) || fileText(parseJson(here[name] ?? "")) !== fileText(sample),
  );
  const changed = Object.fromEntries(differing.map(([name]) => [name, files[sampleFile(flow, name)] ?? ""]));
  const names = new Set([...Object.keys(await keptSamples(db, flow)), ...Object.keys(changed)]);
  const most = settings.maxSamplesPerFlow;
  if (names.size > most) refusals.push(`${flow} would keep ${names.size} samples, and ${most} are the most.`);
  return { changed, refusals };
}

function faultOf(name: string, sample: unknown, text: string, { maxSampleBytes }: Settings): string | undefined {
  const [problem] = validateSample(sample);
  if (problem) return problem.message;
  const called = (sample as { name: string }).name;
  if (called !== name) return `The sample is called ${called}.`;
  if (Buffer.byteLength(text) > maxSampleBytes) return `A sample has ${Math.floor(maxSampleBytes / 1_000)} kB at most.`;
  return undefined;
}
