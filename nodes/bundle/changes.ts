import type { FileChange } from "#schemas/bundle.ts";
import { type Change, diffFlows } from "#schemas/diff.ts";
import { diffLocks } from "../lockDiff.ts";
import type { LockedFlow } from "./bundleOf.ts";

const entry = (kind: string, name: string, change: FileChange["change"], changes: readonly Change[] = []): FileChange => ({
  kind,
  name,
  change,
  fields: changes.map(({ pointer }) => pointer),
});

/** What differs between two flows and what they are made with, in lines that a person reads. */
export function changesOf(before: LockedFlow, after: LockedFlow): FileChange[] {
  const { nodes, edges, slots, meta } = diffFlows(before.flow, after.flow);
  return [
    ...(meta.length > 0 ? [entry("flow", after.flow.id, "changed", meta)] : []),
    ...nodes.added.map(({ id }) => entry("node", id, "added")),
    ...nodes.removed.map(({ id }) => entry("node", id, "removed")),
    ...nodes.changed.map(({ id, changes }) => entry("node", id, "changed", changes)),
    ...edges.added.map(({ id }) => entry("edge", id, "added")),
    ...edges.removed.map(({ id }) => entry("edge", id, "removed")),
    ...slots.added.map(({ name }) => entry("slot", name, "added")),
    ...slots.removed.map(({ name }) => entry("slot", name, "removed")),
    ...slots.changed.map(({ id, changes }) => entry("slot", id, "changed", changes)),
    ...diffLocks(before.lock, after.lock).map(({ kind, name, change, changes }) => entry(kind, name, change, changes)),
  ];
}
