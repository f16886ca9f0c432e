import type { ItemResults } from "#schemas/connector.ts";
import { isObject } from "#schemas/isObject.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";

type Json = Record<string, unknown>;

/** A document of a batch that the system refused, as the operation's result has it. */
export interface RefusedItem {
  /** Its place among the documents, from 0. */
  place: number;
  key: string;
  class: OutcomeClass;
  message: string;
}

/** What the `result` port of an operation with a list carries. */
export interface BatchResult {
  answer: unknown;
  refused: RefusedItem[];
}

/** Whether a result is a batch's: what was recorded before its operation had a list is not. */
export const isBatchResult = (result: unknown): result is BatchResult => isObject(result) && Array.isArray(result.refused);

/** The documents that an item carries: it is the list, or has it under that name, or is the one document itself. */
export function documentsIn(item: unknown, list: string | undefined): unknown[] {
  if (list === undefined) return [item];
  if (Array.isArray(item)) return item;
  const inside = isObject(item) && Object.hasOwn(item, list) ? item[list] : undefined;
  return Array.isArray(inside) ? inside : [item];
}

/** The same item with other documents in the place of its own; undefined without any. */
export function withDocuments(item: unknown, list: string, documents: unknown[]): unknown {
  if (documents.length === 0) return undefined;
  if (Array.isArray(item)) return documents;
  return isObject(item) && Array.isArray(item[list]) ? { ...item, [list]: documents } : documents[0];
}

/** The item with what the system took; undefined when that was nothing. */
export function takenOf(item: unknown, list: string, result: unknown): unknown {
  const refused = isBatchResult(result) ? result.refused : [];
  if (refused.length === 0) return item;
  const places = new Set(refused.map(({ place }) => place));
  return withDocuments(
    item,
    list,
    documentsIn(item, list).filter((_, place) => !places.has(place)),
  );
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined;

/** The documents that a batch's result says were refused, each as if it had been the only one, and why. */
export function refusedOf(item: unknown, list: string | undefined, result: unknown) {
  if (list === undefined || !isBatchResult(result)) return [];
  const documents = documentsIn(item, list);
  return result.refused.map(({ place, class: kind, message }) => ({
    item: withDocuments(item, list, [documents[place]]),
    class: kind,
    reason: { code: `answer.${kind}`, message } satisfies Reason,
  }));
}

type Evaluate = (expression: string, input: unknown, variables?: Json) => Promise<unknown>;

/** By what each document is known; its place where the expression gives nothing. */
export const keysOf = (key: string, documents: readonly unknown[], evaluate: Evaluate): Promise<string[]> =>
  Promise.all(documents.map(async (document, place) => textOf(await evaluate(key, document, { place })) ?? String(place)));

/** Refused documents at the places that they have now, one document for each; those that are not there are left out. */
export function inTheirPlaces(refused: readonly RefusedItem[], keys: readonly string[]): RefusedItem[] {
  const taken = new Set<number>();
  const placeOf = ({ place, key }: RefusedItem): number =>
    keys[place] === key && !taken.has(place) ? place : keys.findIndex((each, at) => each === key && !taken.has(at));
  return refused.flatMap((each) => {
    const place = placeOf(each);
    taken.add(place);
    return place < 0 ? [] : [{ ...each, place }];
  });
}

/**
 * Which result is whose: for each document its key and result, undefined where the answer has none for it. Without keys the
 * first result is that of the first document. What the system says twice of a document counts once, by its worst: `isGood`.
 */
export async function resultsByItem(
  { key, of }: Pick<ItemResults, "key" | "of">,
  documents: readonly unknown[],
  results: readonly unknown[],
  evaluate: Evaluate,
  isGood: (result: unknown) => Promise<boolean>,
): Promise<{ key: string; result: unknown }[]> {
  const known = new Map<string, unknown>();
  for (const [place, result] of results.entries()) {
    const name = of === undefined ? String(place) : textOf(await evaluate(of, result));
    if (name === undefined || (known.has(name) && (await isGood(result)))) continue;
    known.set(name, result);
  }
  const keys = await keysOf(key, documents, evaluate);
  return keys.map((name, place) => ({ key: name, result: known.get(of === undefined ? String(place) : name) }));
}
