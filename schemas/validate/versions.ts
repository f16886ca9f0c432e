import { isCurrent, majorOf, newestShape } from "../nodeVersion.ts";
import { pointerOf } from "../pointer.ts";
import type { FlowCheck } from "./draft.ts";
import { aConnector, aNode, aType } from "./wording.ts";
import { words } from "./words.ts";

/** Nodes made with settings of another version of their type: an older one is migrated, a newer one is not known here. */
export const nodeVersions: FlowCheck = ({ nodes }, _context, report) => {
  for (const { id, index, manifest, version } of nodes) {
    if (!manifest || isCurrent(manifest, version)) continue;
    const here = majorOf(manifest.version);
    const about = { severity: "error" as const, pointer: pointerOf("nodes", index), node: id };
    if (version > here) {
      const message = words`Node ${aNode(id)} was made with version ${version} of ${aType(manifest.type)}; the newest here is ${manifest.version}.`;
      const hint = manifest.connector
        ? words`Install the newer connector ${aConnector(manifest.connector)} first.`
        : "Update Orderloom first.";
      report({ ...about, code: "node.newerVersion", message, hint });
      continue;
    }
    const message = words`Node ${aNode(id)} was made with version ${version} of ${aType(manifest.type)}; version ${newestShape(manifest) ?? here} has other settings.`;
    const hint = 'Update the node in the designer, or its file by "orderloom migrate".';
    report({ ...about, code: "node.olderVersion", message, hint });
  }
};
