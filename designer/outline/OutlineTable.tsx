import { VisuallyHidden } from "@mantine/core";
import { type FocusEvent, type KeyboardEvent, type MouseEvent, useId, useMemo } from "react";
import type { Flow } from "#schemas/flow.ts";
import { graphOf } from "#schemas/graph.ts";
import type { Problem } from "#schemas/problem.ts";
import { say as sayAction } from "../actions/say.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { nodeNames } from "../canvas/names.ts";
import { inWords } from "../canvas/problemWords.ts";
import { LayoutLine } from "./LayoutRow.tsx";
import { LeafLine, NodeLine } from "./OutlineRow.tsx";
import classes from "./outline.module.css";
import { RenameField } from "./RenameField.tsx";
import { boardOf, type NodeRow, type Row } from "./rows.ts";
import { say } from "./say.ts";

interface OutlineTableProps {
  flow: Flow;
  catalogue: Catalogue;
  problems: readonly Problem[];
  rows: readonly Row[];
  unfolded: ReadonlySet<string>;
  current: Row | undefined;
  selected: { node: string | null; edge: string | null };
  chosen: ReadonlySet<string>;
  /** The row whose name is being typed. */
  renamed: string | null;
  onRename: (row: Row, name: string | null) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onArrive: (key: string) => void;
  onFold: (id: string) => void;
  /** `more`: beside what is chosen already. */
  onPick: (row: Row, more: boolean) => void;
}

const columns = ["node", "does", "comesFrom", "leadsTo", "lastHour", "problems"] as const;
/** Which columns go first where there is little room. */
const room: Partial<Record<(typeof columns)[number], object>> = {
  does: { "data-does": true },
  comesFrom: { "data-from": true },
  lastHour: { "data-wide": true },
};
/** Rows and cells take their roles from it. */
const treegrid = { role: "treegrid", "aria-multiselectable": true };
const none: readonly Problem[] = [];

/** The rows as a treegrid: one stop for Tab, walked with the arrow keys. */
export function OutlineTable(props: OutlineTableProps) {
  const { flow, catalogue, problems, rows, unfolded, current, selected, chosen, renamed, onRename } = props;
  const { onKeyDown, onArrive, onFold } = props;
  const hint = useId();
  const sides = useSides(flow, catalogue);
  const byPlace = useMemo(() => problemsByPlace(inWords(problems, flow, catalogue)), [problems, flow, catalogue]);
  const below = useMemo(
    () => new Map(rows.flatMap((row) => (row.kind === "node" ? [[row.node.id, row.below] as const] : []))),
    [rows],
  );
  const rowOf = (target: EventTarget) => {
    const key = target instanceof Element ? target.closest<HTMLElement>("[data-row]")?.dataset.row : undefined;
    return rows.find((row) => row.key === key);
  };
  const focus = (event: FocusEvent) => {
    const row = rowOf(event.target);
    if (row) onArrive(row.key);
  };
  const click = (event: MouseEvent) => {
    const row = rowOf(event.target);
    if (row) props.onPick(row, event.ctrlKey || event.metaKey || event.shiftKey);
  };
  const name = nodeNames(flow.nodes, catalogue.manifests);
  const highest = rows.filter((row) => boardOf(row) !== null).length;
  const isChosen = (row: Row) => chosen.has(boardOf(row) ?? "");
  const renaming = (row: Row, label: string, value: string, placeholder: string) =>
    row.key === renamed ? (
      <RenameField label={label} name={value} placeholder={placeholder} onDone={(text) => onRename(row, text)} />
    ) : undefined;
  return (
    <>
      <VisuallyHidden id={hint}>{say("outline.hint")}</VisuallyHidden>
      <table
        {...treegrid}
        className={classes.table}
        aria-label={say("outline.label", { name: flow.name })}
        aria-describedby={hint}
        onKeyDown={onKeyDown}
        onFocus={focus}
        onClick={click}
      >
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" {...room[column]}>
                {say(`outline.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            if (row.kind === "node")
              return (
                <NodeLine
                  key={row.key}
                  row={row}
                  of={highest}
                  catalogue={catalogue}
                  {...sides(row)}
                  problems={byPlace.get(row.node.id) ?? none}
                  open={unfolded.has(row.node.id)}
                  current={row.key === current?.key}
                  selected={chosen.size === 0 && row.node.id === selected.node}
                  chosen={isChosen(row)}
                  renaming={renaming(
                    row,
                    say("outline.renameLabel", { name: name(row.node.id) }),
                    row.node.name ?? "",
                    name(row.node.id),
                  )}
                  onFold={onFold}
                />
              );
            if (row.kind === "group" || row.kind === "note")
              return (
                <LayoutLine
                  key={row.key}
                  row={row}
                  of={highest}
                  names={row.kind === "group" ? row.group.nodes.map(name).join(", ") : ""}
                  current={row.key === current?.key}
                  chosen={isChosen(row)}
                  renaming={
                    row.kind === "group" && renaming(row, sayAction("group.title"), row.group.title, sayAction("group.untitled"))
                  }
                />
              );
            const target = row.kind === "edge" ? flow.nodes.find(({ id }) => id === row.edge.to.node) : undefined;
            const inputs = catalogue.manifests.get(target?.type ?? "")?.inputs ?? [];
            const into = row.kind === "edge" ? inputs.find((input) => input.name === row.edge.to.port) : undefined;
            const label = row.kind === "edge" ? (flow.layout?.edges?.[row.edge.id]?.label ?? "") : "";
            const words = say("outline.labelOf", { name: target ? name(target.id) : "" });
            return (
              <LeafLine
                key={row.key}
                row={row}
                of={below.get(row.node.id) ?? 1}
                target={target}
                input={inputs.length > 1 ? (into?.title ?? null) : null}
                label={label}
                catalogue={catalogue}
                problems={row.kind === "edge" ? (byPlace.get(`edge ${row.edge.id}`) ?? none) : none}
                current={row.key === current?.key}
                selected={chosen.size === 0 && row.kind === "edge" && row.edge.id === selected.edge}
                renaming={renaming(row, words, label, words)}
              />
            );
          })}
        </tbody>
      </table>
    </>
  );
}

/** By node id, or by `edge ` and the edge's id. */
function problemsByPlace(problems: readonly Problem[]): Map<string, Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const problem of problems) {
    const place = problem.node ?? (problem.edge ? `edge ${problem.edge}` : "");
    found.set(place, [...(found.get(place) ?? []), problem]);
  }
  return found;
}

/** From where a node is reached and where it leads, in words. */
function useSides(flow: Flow, { manifests }: Catalogue): (row: NodeRow) => { from: string; to: string } {
  return useMemo(() => {
    const { incoming, outgoing } = graphOf(flow);
    const name = nodeNames(flow.nodes, manifests);
    const listed = (ids: readonly string[]) => [...new Set(ids)].map(name).join(", ");
    return ({ node, ports }) => {
      const before = (incoming.get(node.id) ?? []).map(({ from }) => from.node);
      const starts = manifests.get(node.type)?.kind === "source";
      const from = before.length > 0 ? listed(before) : say(starts ? "outline.begins" : "outline.unreached");
      const leaving = outgoing.get(node.id) ?? [];
      if (leaving.length === 0) return { from, to: say("outline.ends") };
      if (ports.length < 2) return { from, to: listed(leaving.map((edge) => edge.to.node)) };
      const parts = ports.map(({ name, title }) => {
        const aims = leaving.filter((edge) => edge.from.port === name).map((edge) => edge.to.node);
        return say("outline.portTo", { port: title, names: aims.length > 0 ? listed(aims) : say("outline.nowhere") });
      });
      return { from, to: parts.join("; ") };
    };
  }, [flow, manifests]);
}
