import { isCurrent, majorOf, newestShape } from "../nodeVersion.ts";
import { pointerOf } from "../pointer.ts";
import type { FlowCheck } from "./draft.ts";
import { quote } from "./wording.ts";

/** Nodes made with settings of another version of their type: an older one is migrated, a newer one is not known here. */
export const nodeVersions: FlowCheck = ({ nodes }, _context, report) => {
  for (const { id, index, manifest, version } of nodes) {
    if (!manifest || isCurrent(manifest, version)) continue;
    const here = majorOf(manifest.version);
    const about = { severity: "error" as const, pointer: pointerOf("nodes", index), node: id };
    if (version > here) {
      const message = `Node ${quote(id)} was made with version ${version} of ${quote(manifest.type)}; the newest here is ${manifest.version}.`;
      const hint = manifest.connector
        ? `Install the newer connector ${quote(manifest.connector)} first.`
        : "Update Orderloom first.";
      report({ ...about, code: "node.newerVersion", message, hint });
      continue;
    }
    const message = `Node ${quote(id)} was made with version ${version} of ${quote(manifest.type)}; version ${newestShape(manifest)} has other settings.`;
    const hint = 'Update the node in the designer, or its file by "orderloom migrate".';
    report({ ...about, code: "node.olderVersion", message, hint });
  }
};
