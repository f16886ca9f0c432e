import microdiff from "microdiff";

/** One difference between two items. */
export interface Change {
  type: "CREATE" | "REMOVE" | "CHANGE";
  /** JSON pointer; empty for the whole. */
  pointer: string;
  before: unknown;
  after: unknown;
}

const isBranch = (value: unknown): value is object => typeof value === "object" && value !== null;

/** What differs, place by place in the order of the item. */
export function changesBetween(before: unknown, after: unknown): Change[] {
  if (!isBranch(before) || !isBranch(after) || Array.isArray(before) !== Array.isArray(after)) {
    return Object.is(before, after) ? [] : [{ type: "CHANGE", pointer: "", before, after }];
  }
  return microdiff(before, after, { cyclesFix: false }).map((difference) => ({
    type: difference.type,
    pointer: `/${difference.path.join("/")}`,
    before: difference.type === "CREATE" ? undefined : difference.oldValue,
    after: difference.type === "REMOVE" ? undefined : difference.value,
  }));
}

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
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
