import type { Flow, FlowGroup, FlowNote } from "#schemas/flow.ts";
import { groupsOf } from "../canvas/groups.ts";

/** One thing that has changed of what is written and framed on the canvas. */
export type ToldLayout =
  | { what: "noted" | "unnoted" | "rewritten"; text: string }
  | { what: "grouped" | "ungrouped" | "retitled" | "folded" | "unfolded"; title: string; count: number }
  | { what: "labelled" | "unlabelled"; from: string; to: string; label: string };

/** What changed of notes, groups and the words on edges; where they stand and their colours mean nothing to who does not see them. */
export const toldOfLayout = (before: Flow, after: Flow): ToldLayout[] => [
  ...toldOfNotes(before.layout?.notes ?? [], after.layout?.notes ?? []),
  ...toldOfGroups(groupsOf(before), groupsOf(after)),
  ...toldOfLabels(before, after),
];

function toldOfNotes(before: readonly FlowNote[], after: readonly FlowNote[]): ToldLayout[] {
  const old = new Map(before.map((note) => [note.id, note]));
  const now = new Set(after.map(({ id }) => id));
  const gone = before.filter(({ id }) => !now.has(id)).map(({ text }): ToldLayout => ({ what: "unnoted", text }));
  const rest = after.flatMap(({ id, text }): ToldLayout[] => {
    const was = old.get(id);
    if (!was) return [{ what: "noted", text }];
    return was.text === text ? [] : [{ what: "rewritten", text }];
  });
  return [...gone, ...rest];
}

function toldOfGroups(before: readonly FlowGroup[], after: readonly FlowGroup[]): ToldLayout[] {
  const old = new Map(before.map((group) => [group.id, group]));
  const now = new Set(after.map(({ id }) => id));
  const of = ({ title, nodes }: FlowGroup) => ({ title, count: nodes.length });
  const gone = before.filter(({ id }) => !now.has(id)).map((group): ToldLayout => ({ what: "ungrouped", ...of(group) }));
  const rest = after.flatMap((group): ToldLayout[] => {
    const was = old.get(group.id);
    if (!was) return [{ what: "grouped", ...of(group) }];
    const folds = (was.folded ?? false) !== (group.folded ?? false);
    return [
      ...(was.title === group.title ? [] : [{ what: "retitled" as const, ...of(group) }]),
      ...(folds ? [{ what: group.folded ? ("folded" as const) : ("unfolded" as const), ...of(group) }] : []),
    ];
  });
  return [...gone, ...rest];
}

/** An edge that is new or gone is told by itself; what is written on it goes without saying. */
function toldOfLabels(before: Flow, after: Flow): ToldLayout[] {
  const old = new Set(before.edges.map(({ id }) => id));
  return after.edges.flatMap(({ id, from, to }): ToldLayout[] => {
    const [was = "", label = ""] = [before, after].map(({ layout }) => layout?.edges?.[id]?.label);
    if (!old.has(id) || was === label) return [];
    return [{ what: label === "" ? "unlabelled" : "labelled", from: from.node, to: to.node, label }];
  });
}
