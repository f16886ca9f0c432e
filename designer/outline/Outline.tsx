import { ListTree } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Flow, FlowEdge } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import type { Catalogue } from "../canvas/catalogue.ts";
import { selectDispatch, useDraft } from "../canvas/draft.ts";
import { Empty } from "../elements/Empty.tsx";
import { AddDialog } from "./AddDialog.tsx";
import { additionAt, spotOf } from "./add.ts";
import { ConnectDialog } from "./ConnectDialog.tsx";
import { titleOf } from "./names.ts";
import { OutlineTable } from "./OutlineTable.tsx";
import { OutlineTools } from "./OutlineTools.tsx";
import classes from "./outline.module.css";
import { type OutlineKey, outlineKeyOf, rowAt } from "./outlineKeys.ts";
import { edgeKey, nodeKey, portsOf, type Row } from "./rows.ts";
import { say } from "./say.ts";
import { useOutline } from "./useOutline.ts";
import { useOutlineActions } from "./useOutlineActions.ts";
import { useOutlineCommands } from "./useOutlineCommands.ts";

interface OutlineProps {
  flow: Flow;
  catalogue: Catalogue;
  problems: readonly Problem[];
  /** Whether the person here may draw. */
  may: boolean;
  selected: { node: string | null; edge: string | null };
  onSelect: (node: string | null, edge: string | null) => void;
  /** Opens a node's settings and goes into them. */
  onEnter: (node: string) => void;
  /** The keyboard stands on a row again. */
  onRow: () => void;
  previewed: boolean;
  onPreview: (shown: boolean) => void;
  /** Whether the keyboard goes on in here: somebody has turned to the outline. */
  takesFocus: boolean;
}

type Dialog = { kind: "add" } | { kind: "connect"; row: Row };

/** The flow as a table in which all that the canvas can do is done by keys: its twin for those who do not point. */
export default function Outline(props: OutlineProps) {
  const { flow, catalogue, problems, may, selected, onSelect, onEnter, onRow, previewed, onPreview, takesFocus } = props;
  const { manifests } = catalogue;
  const dispatch = useDraft(selectDispatch);
  const { rows, unfolded, current, goTo, arrive, fold } = useOutline(flow, catalogue, selected);
  const commands = useOutlineCommands(flow, catalogue, rows, current, goTo);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [renamed, setRenamed] = useState<string | null>(null);

  const turned = useRef(takesFocus);
  useEffect(() => {
    if (turned.current && current) goTo(current.key);
    turned.current = false;
  }, [current, goTo]);

  const add = () => may && setDialog({ kind: "add" });
  const connect = (row: Row) => portsOf(row.node, manifests).length > 0 && setDialog({ kind: "connect", row });
  const enter = (row: Row) => {
    if (row.kind === "node") onEnter(row.node.id);
    else if (row.kind === "edge") onSelect(null, row.edge.id);
    else connect(row);
  };
  const pick = (row: Row) => {
    if (row.kind === "node") onSelect(row.node.id, null);
    else if (row.kind === "edge") onSelect(null, row.edge.id);
    else if (may) connect(row);
  };
  const close = () => {
    setDialog(null);
    if (current) goTo(current.key);
  };

  useOutlineActions(may, { add, duplicate: commands.duplicate });

  const walk = (key: "up" | "down" | "first" | "last", row: Row) => {
    const next = rowAt(rows, row, key);
    if (next) goTo(next.key);
  };
  const unfold = (row: Row) => {
    if (row.kind !== "node" || row.below === 0) return;
    if (unfolded.has(row.node.id)) walk("down", row);
    else fold(row.node.id, true);
  };
  const foldUp = (row: Row) => {
    if (row.kind !== "node") goTo(nodeKey(row.node.id));
    else fold(row.node.id, false);
  };
  const actions: Record<OutlineKey, (row: Row) => unknown> = {
    up: (row) => walk("up", row),
    down: (row) => walk("down", row),
    first: (row) => walk("first", row),
    last: (row) => walk("last", row),
    right: unfold,
    left: foldUp,
    enter,
    rename: (row) => row.kind === "node" && setRenamed(row.node.id),
    connect,
    moveUp: () => commands.move(-1),
    moveDown: () => commands.move(1),
    switch: commands.switch,
    remove: commands.remove,
  };
  const looks: readonly OutlineKey[] = ["up", "down", "first", "last", "right", "left", "enter"];
  const press = (event: KeyboardEvent) => {
    const key = outlineKeyOf(event);
    if (!key || !current || (event.target as HTMLElement).dataset.row === undefined) return;
    event.preventDefault();
    if (may || (looks.includes(key) && !(key === "enter" && current.kind === "free"))) actions[key](current);
  };

  const rename = useCallback(
    (id: string, name: string | null) => {
      setRenamed(null);
      if (name !== null) dispatch({ kind: "setNode", node: id, change: { name: name === "" ? undefined : name } });
      goTo(nodeKey(id));
    },
    [dispatch, goTo],
  );

  const tools = (
    <OutlineTools
      may={may}
      current={current}
      commands={commands}
      onAdd={add}
      onConfigure={() => current && enter(current)}
      onRename={() => current && setRenamed(current.node.id)}
      onConnect={() => current && connect(current)}
      previewed={previewed}
      onPreview={onPreview}
    />
  );
  const behind = useMemo(
    () => (current && spotOf(current, manifests).kind !== "free" ? titleOf(current.node, manifests) : null),
    [current, manifests],
  );

  return (
    <section className={classes.frame} aria-label={say("outline.label", { name: flow.name })} data-testid="flow-outline">
      <div className={classes.tools}>{tools}</div>
      <div className={classes.scroll}>
        {rows.length === 0 ? (
          <Empty icon={ListTree} title={say("outline.emptyTitle")} text={say("outline.emptyText")}>
            <RoleButton permission="design" onClick={add} data-testid="outline-first">
              {say("outline.emptyDo")}
            </RoleButton>
          </Empty>
        ) : (
          <OutlineTable
            flow={flow}
            catalogue={catalogue}
            problems={problems}
            rows={rows}
            unfolded={unfolded}
            current={current}
            selected={selected}
            renamed={may ? renamed : null}
            onRename={rename}
            onKeyDown={press}
            onArrive={(key) => {
              arrive(key);
              onRow();
            }}
            onFold={fold}
            onPick={pick}
          />
        )}
      </div>
      {dialog?.kind === "add" && (
        <AddDialog
          catalogue={catalogue}
          behind={behind}
          onClose={close}
          onAdd={(manifest, follows) => {
            const spot = follows && current ? spotOf(current, manifests) : { kind: "free" as const };
            const { operation, id } = additionAt(flow, manifest, spot, manifests);
            setDialog(null);
            dispatch(operation);
            goTo(nodeKey(id));
          }}
        />
      )}
      {dialog?.kind === "connect" && (
        <ConnectDialog
          flow={flow}
          node={dialog.row.node}
          port={portToBegin(flow, dialog.row, portsOf(dialog.row.node, manifests))}
          catalogue={catalogue}
          onClose={close}
          onConnect={(edge: FlowEdge) => {
            setDialog(null);
            dispatch({ kind: "connect", edge });
            fold(edge.from.node, true);
            goTo(edgeKey(edge.id));
          }}
        />
      )}
    </section>
  );
}

/** The output that is meant by a row: its own, else the first that leads nowhere yet. */
function portToBegin(flow: Flow, row: Row, ports: readonly { name: string }[]): string {
  if (row.kind !== "node") return row.port.name;
  const used = new Set(flow.edges.flatMap(({ from }) => (from.node === row.node.id ? [from.port] : [])));
  return (ports.find(({ name }) => !used.has(name)) ?? ports[0])?.name ?? "";
}
