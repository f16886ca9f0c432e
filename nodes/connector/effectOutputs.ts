import type { FlowNode } from "#schemas/flow.ts";
import { forbiddenKeys } from "#schemas/json.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { takenOf } from "./batchItems.ts";

/**
 * What the ports of a node carry once its request was answered. Of an effect: the item, with the answer in it where the
 * node's config asks for that, and the answer; of a batch only what the system took. Of a source that fetched what a message points at: the document.
 */
export function effectOutputs(
  manifest: NodeManifest | undefined,
  node: FlowNode,
  item: unknown,
  result: unknown,
): Record<string, unknown> {
  if (manifest?.kind === "source") return { out: result };
  const list = manifest?.effect?.list;
  const taken = list === undefined ? item : takenOf(item, list, result);
  if (taken === undefined) return { result };
  const name = node.config?.attach;
  const attaches =
    typeof name === "string" &&
    name !== "" &&
    !forbiddenKeys.has(name) &&
    typeof taken === "object" &&
    taken !== null &&
    !Array.isArray(taken);
  return { out: attaches ? { ...taken, [name]: result } : taken, result };
}
