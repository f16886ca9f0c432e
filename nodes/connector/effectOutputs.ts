import type { FlowNode } from "#schemas/flow.ts";
import { forbiddenKeys } from "#schemas/json.ts";

/** What the effect's ports carry: the item, with the answer in it where the node's config asks for that, and the answer. */
export function effectOutputs(node: FlowNode, item: unknown, result: unknown): Record<string, unknown> {
  const name = node.config?.attach;
  const attaches =
    typeof name === "string" && name !== "" && !forbiddenKeys.has(name) && typeof item === "object" && item !== null;
  return { out: attaches ? { ...item, [name]: result } : item, result };
}
