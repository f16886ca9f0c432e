import { escapePointer } from "#schemas/pointer.ts";

/** The pointers of all values of a document that are no object and no list. */
export function leafPlaces(value: unknown, pointer = ""): string[] {
  if (typeof value !== "object" || value === null) return pointer === "" ? [] : [pointer];
  return Object.entries(value).flatMap(([name, inner]) => leafPlaces(inner, `${pointer}/${escapePointer(name)}`));
}
