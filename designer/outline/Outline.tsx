import { ListTree } from "lucide-react";
import { type ReactNode, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { Flow } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import { isTyping } from "../actions/useActionKeys.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import type { Catalogue } from "../canvas/catalogue.ts";
import { selectDispatch, useDraft } from "../canvas/draft.ts";
import type { Point } from "../canvas/editing.ts";
import type { Finding } from "../canvas/find.ts";
import type { Operation } from "../canvas/operations.ts";
import { Empty } from "../elements/Empty.tsx";
import { type Picked, pickedOf, toggled } from "./choosing.ts";
import { type Asked, OutlineDialogs } from "./OutlineDialogs.tsx";
import { OutlineTable } from "./OutlineTable.tsx";
import { OutlineTools } from "./OutlineTools.tsx";
import classes from "./outline.module.css";
import { boardKey, edgeKey, isOfNode, portsOf, type Row } from "./rows.ts";
import { say } from "./say.ts";
import { useOutline } from "./useOutline.ts";
import { useOutlineActions } from "./useOutlineActions.ts";
import { useOutlineCommands } from "./useOutlineCommands.ts";
import { useOutlineKeys } from "./useOutlineKeys.ts";

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
  /** Where the outline says what its actions are about. */
  picked: RefObject<Picked>;
  /** A place to go to; another object each time it is asked for. */
  sought: { at: Finding["at"] } | null;
  onMenu: (at: Point) => void;
  previewed: boolean;
  onPreview: (shown: boolean) => void;
  /** Whether the keyboard goes on in here: somebody has turned to the outline. */
  takesFocus: boolean;
  /** Stands above the rows. */
  children?: ReactNode;
}

/** The flow as a table in which all that the canvas can do is done by keys: its twin for those who do not point. */
export default function Outline(props: OutlineProps) {
  const { flow, catalogue, problems, may, selected, onSelect, onEnter, onRow, previewed, onPreview, takesFocus } = props;
  const { manifests } = catalogue;
  const dispatch = useDraft(selectDispatch);
  const outline = useOutline(flow, catalogue, selected);
  const { rows, unfolded, current, chosen, choose, goTo, arrive, fold } = outline;
  const picked = pickedOf(chosen, current);
  const commands = useOutlineCommands(flow, catalogue, rows, current, picked, goTo);
  const [asked, ask] = useState<Asked | null>(null);
  const [renamed, setRenamed] = useState<string | null>(null);
  usePicked(props.picked, picked);
  useSought(props.sought, flow, outline);

  const turned = useRef(takesFocus);
  useEffect(() => {
    if (turned.current && current) goTo(current.key);
    turned.current = false;
  }, [current, goTo]);

  const connect = (row: Row) => may && isOfNode(row) && portsOf(row.node, manifests).length > 0 && ask({ kind: "connect", row });
  /** `within`: goes into what it opens. */
  const open = (row: Row, within: boolean) => {
    if (row.kind === "node" && within) onEnter(row.node.id);
    else if (row.kind === "node") onSelect(row.node.id, null);
    else if (row.kind === "edge") onSelect(null, row.edge.id);
    else if (row.kind === "free") connect(row);
    else if (may) ask(row.kind === "note" ? { kind: "note", note: row.note } : { kind: "group", group: row.group });
  };
  const rename = (row: Row) => (row.kind === "note" ? open(row, true) : row.kind !== "free" && setRenamed(row.key));
  const close = () => {
    ask(null);
    if (current) goTo(current.key);
  };
  const does = (applies: boolean, run: () => void) => ({ applies: may && applies, run });
  const nodes = picked.board.length > 0;
  useOutlineActions({
    addNode: does(true, () => ask({ kind: "add" })),
    addNote: does(true, () => ask({ kind: "note", note: null })),
    rename: does(current !== undefined && current.kind !== "free", () => current && rename(current)),
    connect: does(current !== undefined && isOfNode(current), () => current && connect(current)),
    reconnect: does(current?.kind === "edge", () => current?.kind === "edge" && ask({ kind: "reconnect", edge: current.edge })),
    moveUp: does(current?.kind === "node", () => commands.move(-1)),
    moveDown: does(current?.kind === "node", () => commands.move(1)),
    duplicate: does(nodes, commands.duplicate),
    remove: does(nodes || picked.edges.length > 0, commands.remove),
    selectAll: {
      applies: rows.length > 0,
      run: () => choose(new Set(rows.flatMap((row) => (row.kind === "node" ? row.node.id : [])))),
    },
    leave: { applies: chosen.size > 0, run: () => choose(new Set()) },
  });
  const press = useOutlineKeys({
    ...outline,
    may,
    onOpen: (row) => open(row, true),
    onSwitch: commands.switch,
    onMenu: props.onMenu,
  });

  const named = useCallback(
    (row: Row, name: string | null) => {
      setRenamed(null);
      const operation = name === null ? null : renaming(row, name);
      if (operation) dispatch(operation);
      goTo(row.key);
    },
    [dispatch, goTo],
  );

  return (
    <section
      className={classes.frame}
      aria-label={say("outline.label", { name: flow.name })}
      data-outline
      data-testid="flow-outline"
    >
      <div className={classes.tools}>
        <OutlineTools
          may={may}
          current={current}
          chosen={chosen.size}
          commands={commands}
          onAdd={() => ask({ kind: "add" })}
          onConfigure={() => current && open(current, true)}
          onRename={() => current && rename(current)}
          onConnect={() => current && connect(current)}
          onMore={props.onMenu}
          previewed={previewed}
          onPreview={onPreview}
        />
      </div>
      {props.children && <div className={classes.find}>{props.children}</div>}
      <div className={classes.scroll}>
        {rows.length === 0 ? (
          <Empty icon={ListTree} title={say("outline.emptyTitle")} text={say("outline.emptyText")}>
            <RoleButton permission="design" onClick={() => ask({ kind: "add" })} data-testid="outline-first">
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
            chosen={chosen}
            renamed={may ? renamed : null}
            onRename={named}
            onKeyDown={press}
            onArrive={(key) => {
              arrive(key);
              onRow();
            }}
            onFold={fold}
            onPick={(row, more) => (more ? choose(toggled(chosen, row)) : open(row, false))}
          />
        )}
      </div>
      {asked && (
        <OutlineDialogs
          asked={asked}
          flow={flow}
          catalogue={catalogue}
          current={current}
          onClose={close}
          onDo={(operation, key) => {
            ask(null);
            dispatch(operation);
            if (operation.kind === "connect" || operation.kind === "reconnect") fold(operation.edge.from.node, true);
            goTo(key);
          }}
        />
      )}
    </section>
  );
}

/** A name that is left empty is the one of the type again. */
function renaming(row: Row, name: string): Operation | null {
  switch (row.kind) {
    case "node":
      return { kind: "setNode", node: row.node.id, change: { name: name === "" ? undefined : name } };
    case "edge":
      return { kind: "setLabel", edge: row.edge.id, label: name === "" ? undefined : name };
    case "group":
      return { kind: "setGroup", group: row.group.id, change: { title: name } };
    default:
      return null;
  }
}

/** Says to the actions of the page what they are about for as long as the outline is shown. */
function usePicked(told: RefObject<Picked>, picked: Picked): void {
  useEffect(() => {
    told.current = picked;
  });
}

/** Goes to a place that is sought from outside: with the focus, unless somebody is typing what he looks for. */
function useSought(sought: OutlineProps["sought"], flow: Flow, { goTo, arrive, fold }: ReturnType<typeof useOutline>): void {
  const drawn = useRef(flow);
  drawn.current = flow;
  useEffect(() => {
    if (!sought) return;
    const { kind, id } = sought.at;
    const edge = kind === "edge" && drawn.current.edges.find((one) => one.id === id);
    if (edge) fold(edge.from.node, true);
    const key = kind === "edge" ? edgeKey(id) : boardKey(id);
    if (!isTyping(document.activeElement)) return goTo(key);
    arrive(key);
    const frame = requestAnimationFrame(() =>
      document.querySelector(`[data-row="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "nearest" }),
    );
    return () => cancelAnimationFrame(frame);
  }, [sought, goTo, arrive, fold]);
}
