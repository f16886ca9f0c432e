import { type DifferenceExample, type DifferenceGroup, differenceKinds } from "#schemas/promotion.ts";
import type { Difference } from "./compareRuns.ts";

/** Messages shown of one group: enough to see the pattern, few enough to send. */
const MOST_EXAMPLES = 3;

/** Groups that one look takes in; a change that differs in more places is read from the diff of the versions. */
const MOST_GROUPS = 100;

/** A larger value is told by its size: whoever wants it opens the run. */
const MOST_EXAMPLE_BYTES = 20_000;

export interface DifferenceGroups {
  /** Adds all that differs for one message. */
  add(message: { runId: string; documentKey: string | null }, differences: readonly Difference[]): void;
  /** What costs most to overlook first, then what concerns most messages. */
  result(): { groups: DifferenceGroup[]; omitted: number };
}

/** Gathers the differences of many messages by the field that differs. */
export function differenceGroups(): DifferenceGroups {
  const groups = new Map<string, DifferenceGroup>();
  return {
    add({ runId, documentKey }, differences) {
      const told = new Set<string>();
      for (const { kind, node, field, before, after, whole } of differences) {
        const key = JSON.stringify([kind, node, field]);
        if (told.has(key)) continue;
        told.add(key);
        const group = groups.get(key) ?? { kind, node, field, messages: 0, examples: [] };
        groups.set(key, group);
        group.messages += 1;
        if (group.examples.length >= MOST_EXAMPLES) continue;
        const example: DifferenceExample = { runId, documentKey, before: bounded(before), after: bounded(after) };
        if (whole) example.whole = { before: bounded(whole.before), after: bounded(whole.after) };
        group.examples.push(example);
      }
    },
    result() {
      const sorted = [...groups.values()].sort(
        (a, b) =>
          differenceKinds.indexOf(a.kind) - differenceKinds.indexOf(b.kind) ||
          b.messages - a.messages ||
          JSON.stringify([a.node, a.field]).localeCompare(JSON.stringify([b.node, b.field])),
      );
      return { groups: sorted.slice(0, MOST_GROUPS), omitted: Math.max(0, sorted.length - MOST_GROUPS) };
    },
  };
}

/** Null where there was nothing: what is told of a side is always there. */
function bounded(value: unknown): unknown {
  const size = JSON.stringify(value)?.length ?? 0;
  return size <= MOST_EXAMPLE_BYTES ? (value ?? null) : `(${size} bytes)`;
}
