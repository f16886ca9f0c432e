import { escapePointer } from "#schemas/pointer.ts";

const NUL = "\u0000";
/** Half of a character beyond the first plane, without its other half. */
const loneSurrogate = /\p{Surrogate}/u;

/** Whether PostgreSQL can hold a text: it has no place for U+0000, and UTF-8 none for half a character. */
export const isStorable = (text: string): boolean => !text.includes(NUL) && !loneSurrogate.test(text);

/**
 * Where a value has text that cannot be stored, as a JSON pointer; undefined when all of it can be. Keys count too. An
 * explicit stack, so that a deep value cannot exhaust the call stack.
 */
export function unstorableAt(root: unknown): string | undefined {
  const open: { value: unknown; pointer: string }[] = [{ value: root, pointer: "" }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, pointer } = next;
    if (typeof value === "string" && !isStorable(value)) return pointer;
    if (typeof value !== "object" || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      if (!isStorable(key)) return `${pointer}/`;
      if (typeof child === "string" || typeof child === "object")
        open.push({ value: child, pointer: `${pointer}/${escapePointer(key)}` });
    }
  }
  return undefined;
}
