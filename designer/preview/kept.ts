import { isObject, objectOf } from "#schemas/isObject.ts";
import type { PreviewSample } from "./evaluation.ts";

/** What a person added to the preview of a flow; it stays in this browser. */
export interface Kept {
  samples: PreviewSample[];
  /** By effect node: what its system is taken to have answered. */
  pins: Record<string, unknown>;
}

const keyOf = (flow: string): string => `orderloom.preview.${flow}`;
const nothing = (): Kept => ({ samples: [], pins: {} });

const isSample = (value: unknown): value is PreviewSample =>
  isObject(value) && typeof value.name === "string" && typeof value.title === "string" && typeof value.source === "string";

/** What is kept for a flow; whatever else stands there is left alone. */
export function readKept(flow: string): Kept {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(keyOf(flow)) ?? "null");
    if (!isObject(found)) return nothing();
    const { samples, pins } = found;
    return { samples: Array.isArray(samples) ? samples.filter(isSample) : [], pins: objectOf(pins) };
  } catch {
    return nothing();
  }
}

/** Keeps it where the browser has room: without room it lasts until the page is closed. */
export function writeKept(flow: string, kept: Kept): void {
  try {
    if (kept.samples.length === 0 && Object.keys(kept.pins).length === 0) localStorage.removeItem(keyOf(flow));
    else localStorage.setItem(keyOf(flow), JSON.stringify(kept));
  } catch {
    // The browser keeps nothing for us: the preview works all the same.
  }
}
