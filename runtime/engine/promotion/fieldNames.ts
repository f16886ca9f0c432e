import { isObject } from "#schemas/isObject.ts";
import { pointerOf, pointerSteps } from "#schemas/pointer.ts";
import type { DifferenceGroup } from "#schemas/promotion.ts";
import type { LockedVersion } from "./risks.ts";

/** Of a request and of how a run ends: names that are this program's own. */
const OWN = ["method", "path", "query", "headers", "body", "base", "contentType", "transport", "state", "node", "message"];

/** What only shows what something may look like: its words are of documents. */
const SHOWN = new Set(["samples", "examples", "example", "description", "summary", "layout", "notes"]);

/** A word as names of fields are written, in paths of expressions and in quotes. */
const WORD = /[\p{L}_$@#:][\p{L}\p{N}_$@#:.-]*/gu;

/** A name that is longer was not thought of by somebody who drew a flow. */
const LONGEST_NAME = 64;

/** A number, an address of mail or a number of an order in the place of a name: a map by what is its own in each document. */
const LIKE_DATA = /@[^.]+\.|\d{4,}|^[0-9a-f]{8}-|^\d+$|\s/i;

/** Seen in fewer documents, a name that nobody drew may be what one document alone has. */
const LEAST_SEEN = 20;

/** All words that versions say of themselves: what somebody drew, and what their connectors, mappings and schemas name. */
export function drawnNames(versions: readonly LockedVersion[]): ReadonlySet<string> {
  const names = new Set<string>(OWN);
  const read = (value: unknown): void => {
    if (typeof value === "string") for (const [word] of value.matchAll(WORD)) for (const name of partsOf(word)) names.add(name);
    if (Array.isArray(value)) value.forEach(read);
    if (!isObject(value)) return;
    for (const [key, each] of Object.entries(value)) {
      names.add(key);
      if (!SHOWN.has(key)) read(each);
    }
  };
  for (const { flow, lock } of versions) read([flow, lock]);
  return names;
}

/** A path of an expression is several names, and one with a dot in it may be one. */
const partsOf = (word: string): string[] => [word, ...word.split(".")];

/**
 * The differences as they are kept, without their documents. A step of a field that is no name of a field, but a key that a document has brought
 * along, becomes a star: a map by customers would else keep who they are when their documents are long gone.
 */
export function keptGroups(
  groups: readonly DifferenceGroup[],
  drawn: ReadonlySet<string>,
  messages: number,
): Omit<DifferenceGroup, "examples">[] {
  const found = new Map<string, Omit<DifferenceGroup, "examples">>();
  for (const { kind, node, field, messages: count } of groups) {
    const usual = count >= LEAST_SEEN && count * 2 > messages;
    const steps = pointerSteps(field).map((step) => (isName(step, drawn, usual) ? step : "*"));
    const kept = steps.map((step) => pointerOf(step)).join("");
    const key = JSON.stringify([kind, node, kept]);
    const known = found.get(key)?.messages ?? 0;
    found.set(key, { kind, node, field: kept, messages: Math.min(messages, known + count) });
  }
  return [...found.values()];
}

function isName(step: string, drawn: ReadonlySet<string>, usual: boolean): boolean {
  if (step === "*") return true;
  if (step.length > LONGEST_NAME || LIKE_DATA.test(step)) return false;
  return usual || drawn.has(step);
}
