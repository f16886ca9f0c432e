import { beyond, type VersionRun } from "./compareRuns.ts";
import type { KeyedEffect } from "./effectKeys.ts";

/** What becomes of an effect's key from one version to the other, in one message; `untried` where one of the two does not get that far. */
export function keyFate(before: VersionRun, after: VersionRun, { old, now }: KeyedEffect): "same" | "another" | "untried" {
  const [then, next] = [keysAt(before, old), keysAt(after, now)];
  // What was not done cannot be done again, and what is not asked for any more does nothing again.
  if (then?.length === 0 || next?.length === 0) return "same";
  if (!then || !next) return "untried";
  const lacks = (keys: string[], others: string[]) => keys.some((key) => !others.includes(key));
  return lacks(then, next) && lacks(next, then) ? "another" : "same";
}

/** Undefined where something before the effect is unknown. */
const keysAt = (one: VersionRun, effect: string): string[] | undefined =>
  isHidden(one, effect)
    ? undefined
    : one.run.effects.flatMap(({ call: { node, effectKey } }) => (node === effect ? [effectKey] : []));

const isHidden = (one: VersionRun, effect: string): boolean => one.run.unknown.length > 0 && beyond(one).has(effect);

/** Whether the comparison of the two runs says what becomes of the key. */
export const isCompared = (before: VersionRun, after: VersionRun, { old, now }: KeyedEffect): boolean =>
  old === now && !isHidden(before, old) && !isHidden(after, now);
