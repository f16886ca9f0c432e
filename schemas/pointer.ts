/** One step of a JSON pointer (RFC 6901). */
export const escapePointer = (name: string | number): string => String(name).replaceAll("~", "~0").replaceAll("/", "~1");

/** The pointer of a way of property names and positions; `""` is the whole document. */
export const pointerOf = (...way: (string | number)[]): string => way.map((step) => `/${escapePointer(step)}`).join("");

/** The steps of a JSON pointer. */
export const pointerSteps = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

/** The value at a pointer; `undefined` when nothing of its own is there. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const step of pointerSteps(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}
