import type { ItemResults } from "#schemas/connector.ts";
import { isObject } from "#schemas/isObject.ts";
import type { OutcomeClass } from "#schemas/outcome.ts";

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
  const refused = isObject(result) && Array.isArray(result.refused) ? (result.refused as RefusedItem[]) : [];
  if (refused.length === 0) return item;
  const places = new Set(refused.map(({ place }) => place));
  return withDocuments(
    item,
    list,
    documentsIn(item, list).filter((_, place) => !places.has(place)),
  );
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined;

/**
 * Which result is whose: for each document its key and result, undefined where the answer has none for it. Without keys the
 * first result is that of the first document. What the system says twice of a document counts once, by its worst: `isGood`.
 */
export async function resultsByItem(
  { key, of }: Pick<ItemResults, "key" | "of">,
  documents: readonly unknown[],
  results: readonly unknown[],
  evaluate: (expression: string, input: unknown, variables?: Json) => Promise<unknown>,
  isGood: (result: unknown) => Promise<boolean>,
): Promise<{ key: string; result: unknown }[]> {
  const known = new Map<string, unknown>();
  for (const [place, result] of results.entries()) {
    const name = of === undefined ? String(place) : textOf(await evaluate(of, result));
    if (name === undefined || (known.has(name) && (await isGood(result)))) continue;
    known.set(name, result);
  }
  return Promise.all(
    documents.map(async (document, place) => {
      const name = textOf(await evaluate(key, document, { place })) ?? String(place);
      return { key: name, result: known.get(of === undefined ? String(place) : name) };
    }),
  );
}
