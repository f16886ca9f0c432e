import type { FlowSample } from "#schemas/sample.ts";
import { freeId } from "../canvas/ids.ts";
import { idFrom } from "../flows/search.ts";
import type { FlowsSample } from "./preview.ts";

/** What a person says of a new sample. */
export interface NewSample {
  title: string;
  source: string;
  input: unknown;
  outcome: FlowSample["expect"]["outcome"];
}

/** The longest base of a name: with a number behind it, a name has at most 64 characters. */
const LONGEST_BASE = 58;

/** A free name made from a title: `Order with a gift` becomes `order-with-a-gift`. */
export function sampleName(title: string, taken: readonly string[]): string {
  const plain = idFrom(title).slice(0, LONGEST_BASE).replace(/-+$/, "");
  return freeId(plain || "sample", new Set(taken));
}

/** A sample as its file has it. */
export const madeSample = (name: string, { title, source, input, outcome }: NewSample): FlowSample => ({
  name,
  title: title.trim() || name,
  source,
  headers: {},
  input,
  expect: { outcome },
});

/** How many kB a sample has, and how many it may have, where those are too many: counted as the server counts. */
export function tooLarge(sample: FlowSample, maxBytes: number): { size: number; most: number } | undefined {
  const bytes = new TextEncoder().encode(JSON.stringify(sample)).length;
  return bytes > maxBytes ? { size: Math.ceil(bytes / 1_000), most: Math.floor(maxBytes / 1_000) } : undefined;
}

/** A sample that was changed: what the dialog does not ask for stays as it is. */
export function changedSample({ kept: _, ...sample }: FlowsSample, { title, source, input, outcome }: NewSample): FlowSample {
  const expect = outcome === sample.expect.outcome ? sample.expect : { outcome };
  return { ...sample, title: title.trim() || sample.name, source, input, expect };
}
