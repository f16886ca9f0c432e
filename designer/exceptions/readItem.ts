import { jsonSyntaxError } from "#schemas/json.ts";

/** A text as an item, or what keeps it from being one; numbers that would lose digits are named. */
export function readItem(text: string): { item: unknown } | { fault: string } | { number: string } {
  let lost: number | undefined;
  try {
    const item: unknown = JSON.parse(text, (_key, value: unknown) => {
      if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) lost ??= value;
      return value;
    });
    return lost === undefined ? { item } : { number: String(lost) };
  } catch (error) {
    return { fault: jsonSyntaxError(text, error).message };
  }
}
