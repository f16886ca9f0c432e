import type { FlowNode } from "#schemas/flow.ts";
import { forbiddenKeys } from "#schemas/json.ts";
import type { NodeManifest } from "#schemas/manifest.ts";

/**
 * What the ports of a node carry once its request was answered. Of an effect: the item, with the answer in it where the
 * node's config asks for that, and the answer. Of a source that fetched what a message points at: the document.
 */
export function effectOutputs(
  manifest: NodeManifest | undefined,
  node: FlowNode,
  item: unknown,
  result: unknown,
): Record<string, unknown> {
  if (manifest?.kind === "source") return { out: result };
  const name = node.config?.attach;
  const attaches =
    typeof name === "string" && name !== "" && !forbiddenKeys.has(name) && typeof item === "object" && item !== null;
  return { out: attaches ? { ...item, [name]: result } : item, result };
}
