import microdiff from "microdiff";
import { isObject } from "#schemas/isObject.ts";
import { pointerOf } from "#schemas/pointer.ts";

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
  return microdiff(named(before) as object, named(after) as object, { cyclesFix: false }).map((difference) => ({
    type: difference.type,
    pointer: pointerOf(...difference.path.map((step) => (typeof step === "string" ? step.slice(MARK.length) : step))),
    before: difference.type === "CREATE" ? undefined : unnamed(difference.oldValue),
    after: difference.type === "REMOVE" ? undefined : unnamed(difference.value),
  }));
}

/** Before each name: microdiff takes a field called `toString` for one that every object has. */
const MARK = ".";

const renamed = (rename: (name: string) => string) => {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [rename(name), walk(inner)]));
  };
  return walk;
};
const named = renamed((name) => MARK + name);
const unnamed = renamed((name) => name.slice(MARK.length));
