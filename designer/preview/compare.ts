import type { Flow } from "#schemas/flow.ts";
import { changesBetween } from "../elements/changes.ts";
import type { PreviewRun } from "./evaluation.ts";

/** One value that two samples have differently at a place; `undefined` where a sample has none. */
export interface FieldDifference {
  /** The number of the item, and the pointer within it. */
  pointer: string;
  left: unknown;
  right: unknown;
}

/** What crosses one edge with each of two samples. */
export interface EdgeComparison {
  edge: Flow["edges"][number];
  counts: readonly [left: number, right: number];
  fields: FieldDifference[];
}

type Run = Pick<PreviewRun, "nodes">;

const crossing = ({ nodes }: Run, { from, to }: Flow["edges"][number]): readonly unknown[] =>
  nodes[to.node]?.status === "notReached" ? [] : (nodes[from.node]?.outputs[from.port] ?? []);

/** Two samples side by side through a flow, edge by edge in the order of the flow's own list. */
export const compareRuns = (flow: Flow, left: Run, right: Run): EdgeComparison[] =>
  flow.edges.map((edge) => {
    const [a, b] = [crossing(left, edge), crossing(right, edge)];
    return { edge, counts: [a.length, b.length], fields: fieldDifferences(a, b) };
  });

/** Item by item, as far as both have one: what only one of them has shows in the count. */
function fieldDifferences(left: readonly unknown[], right: readonly unknown[]): FieldDifference[] {
  const both = Math.min(left.length, right.length);
  const [a, b] = [left.slice(0, both), right.slice(0, both)];
  return changesBetween(a, b).map(({ pointer, before, after }) => ({ pointer, left: before, right: after }));
}
