import type { Flow } from "#schemas/flow.ts";
import type { ReplayDiff } from "#schemas/promotion.ts";

/** Says that nothing is known of what a version would have done, or nothing of what comes after a request; null where something is. */
export function untriedOf(
  { nodes, edges }: Pick<Flow, "nodes" | "edges">,
  { messages, unknown, unknownAt }: Pick<ReplayDiff, "messages" | "unknown" | "unknownAt">,
): string | null {
  if (messages === 0) return "No messages were tried, so what the version would have done differently is not known.";
  const before = nodes.filter(({ id }) => Object.hasOwn(unknownAt, id) && edges.some(({ from }) => from.node === id));
  if (unknown < messages || before.length === 0) return null;
  const names = before.map(({ id, name }) => name ?? id).join(", ");
  return `Of none of the messages it is known what follows ${names}, so what comes after was not tried.`;
}
