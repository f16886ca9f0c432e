import type { Flow } from "#schemas/flow.ts";

/** The nearest node at or before this one at which a segment of the run starts, of those that `starts` names. */
export function segmentStart(node: string, { edges }: Pick<Flow, "edges">, starts: ReadonlySet<string>): string | undefined {
  const seen = new Set([node]);
  for (const each of seen) {
    if (starts.has(each)) return each;
    for (const { from, to } of edges) if (to.node === each) seen.add(from.node);
  }
  return undefined;
}
