import type { Flow } from "#schemas/flow.ts";
import { sorted } from "../canvas/boardIds.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { duplicate, nodeReferences } from "../canvas/clipboard.ts";
import { selectDispatch, useDraft } from "../canvas/draft.ts";
import { tell } from "../elements/tell.ts";
import type { Picked } from "./choosing.ts";
import { moveOf } from "./move.ts";
import { boardOf, nodeKey, type Row } from "./rows.ts";
import { say } from "./say.ts";

export interface OutlineCommands {
  duplicate: () => void;
  move: (by: -1 | 1) => void;
  switch: () => void;
  remove: () => void;
}

/** What is done to the rows chosen, or to the current one; the focus stays in the outline. */
export function useOutlineCommands(
  flow: Flow,
  { manifests }: Catalogue,
  rows: readonly Row[],
  current: Row | undefined,
  picked: Picked,
  goTo: (key: string) => void,
): OutlineCommands {
  const dispatch = useDraft(selectDispatch);
  const { nodes, notes, groups } = sorted(picked.board);
  const stay = () => current && goTo(current.key);
  return {
    duplicate: () => {
      const operation = duplicate(flow, { nodes, notes, groups }, nodeReferences(manifests));
      if (operation) dispatch(operation);
    },
    move: (by) => {
      if (current?.kind !== "node") return;
      const move = moveOf(flow, current.node.id, by, manifests);
      if (move.ok) dispatch(move.operation);
      else tell({ about: "unmovable", color: "yellow", message: say(`unmovable.${move.why}`) });
      stay();
    },
    switch: () => {
      const allOff = flow.nodes.every(({ id, disabled }) => !nodes.includes(id) || disabled === true);
      if (nodes.length > 0) dispatch({ kind: "disable", nodes, disabled: !allOff });
      stay();
    },
    remove: () => {
      if (!current || picked.board.length + picked.edges.length === 0) return;
      // A group goes alone, whether or not it is folded on the canvas: its nodes have rows of their own here.
      dispatch({ kind: "remove", nodes, notes, groups, edges: picked.edges });
      if (current.kind === "edge" && picked.edges.length > 0) return goTo(nodeKey(current.node.id));
      const next = rowBeside(rows, current, new Set(picked.board));
      if (next) goTo(next.key);
    },
  };
}

/** The nearest row that stays when these go: behind the current one, else before it. */
function rowBeside(rows: readonly Row[], current: Row, gone: ReadonlySet<string>): Row | undefined {
  const at = rows.indexOf(current);
  const stays = (row: Row) => {
    const board = boardOf(row);
    return board !== null && !gone.has(board);
  };
  return rows.slice(at + 1).find(stays) ?? rows.slice(0, at).findLast(stays);
}
