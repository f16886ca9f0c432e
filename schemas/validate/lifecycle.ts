import { isObject } from "../isObject.ts";
import { pointerOf } from "../pointer.ts";
import type { FlowCheck } from "./draft.ts";
import { aNode, quote } from "./wording.ts";
import { words } from "./words.ts";

/** So long before a system stops to answer, people are told: a change has to be made, reviewed and promoted. */
const NOTICE_DAYS = 180;

const DAY_MS = 86_400_000;

/** Warns of slots and nodes whose connector or operation is deprecated, or speaks to an API that ends soon. */
export const lifecycle: FlowCheck = (draft, { connectors, now = new Date() }, report) => {
  for (const { name, connector: id, index } of draft.slots) {
    const connector = id !== undefined && connectors && Object.hasOwn(connectors, id) ? connectors[id] : undefined;
    if (!isObject(connector) || !isObject(connector.lifecycle)) continue;
    const { state, ...lifecycle } = connector.lifecycle;
    const hint = "Look for a newer connector of the system, or a newer version of this one.";
    const message = (what: string) => `Slot ${quote(name)}: the connector ${String(connector.title)} ${what}.`;
    const about = { severity: "warning" as const, pointer: pointerOf("slots", index, "connector"), hint };
    const end = endOf(lifecycle, now);
    if (end) report({ ...about, code: end.ended ? "connector.sunset" : "connector.sunsetSoon", message: message(end.what) });
    else if (state === "deprecated") report({ ...about, code: "connector.deprecated", message: message("is deprecated") });
  }
  for (const { id, index, manifest } of draft.nodes) {
    if (!manifest?.lifecycle) continue;
    const { replacedBy } = manifest.lifecycle;
    const message = (what: string) => words`Node ${aNode(id)}: ${manifest.title} (${manifest.type}) ${what}.`;
    const hint =
      replacedBy === undefined
        ? "Look for a newer version of the connector."
        : `Use ${replacedBy} in its place: the node offers it in the designer, and "orderloom migrate --deprecated" does it in a file. What follows gets other data; look at the preview.`;
    const about = { severity: "warning" as const, pointer: pointerOf("nodes", index, "type"), node: id, hint };
    const end = endOf(manifest.lifecycle, now);
    if (end) report({ ...about, code: end.ended ? "node.sunset" : "node.sunsetSoon", message: message(end.what) });
    else if (replacedBy !== undefined) report({ ...about, code: "node.deprecated", message: message("is deprecated") });
  }
};

/** What is to be said of an API that ends soon or has ended. */
export function endOf(
  { sunset, apiVersion }: { sunset?: unknown; apiVersion?: unknown },
  now: Date,
): { ended: boolean; what: string } | undefined {
  const version = typeof apiVersion === "string" ? ` ${apiVersion}` : "";
  const ends = typeof sunset === "string" ? Date.parse(sunset) : Number.NaN;
  // The day itself is still good.
  if (ends + DAY_MS <= now.getTime())
    return { ended: true, what: `speaks to the API version${version}, which ended on ${sunset}` };
  return ends - now.getTime() <= NOTICE_DAYS * DAY_MS
    ? { ended: false, what: `speaks to the API version${version}, which ends on ${sunset}` }
    : undefined;
}
