import type { Flow } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { duplicate, nodeReferences } from "../canvas/clipboard.ts";
import { selectDispatch, useDraft } from "../canvas/draft.ts";
import { tell } from "../elements/tell.ts";
import { moveOf } from "./move.ts";
import { nodeKey, type Row } from "./rows.ts";
import { say } from "./say.ts";

export interface OutlineCommands {
  duplicate: () => void;
  move: (by: -1 | 1) => void;
  switch: () => void;
  remove: () => void;
}

/** What is done to the node or edge of the current row; the focus stays in the outline. */
export function useOutlineCommands(
  flow: Flow,
  { manifests }: Catalogue,
  rows: readonly Row[],
  current: Row | undefined,
  goTo: (key: string) => void,
): OutlineCommands {
  const dispatch = useDraft(selectDispatch);
  const node = current?.node;
  const stay = () => current && goTo(current.key);
  return {
    duplicate: () => {
      const operation = node && duplicate(flow, { nodes: [node.id] }, nodeReferences(manifests));
      if (operation?.kind !== "paste") return;
      dispatch(operation);
      goTo(nodeKey(operation.part.nodes[0]?.id ?? ""));
    },
    move: (by) => {
      if (!node) return;
      const move = moveOf(flow, node.id, by, manifests);
      if (move.ok) dispatch(move.operation);
      else tell({ about: "unmovable", color: "yellow", message: say(`unmovable.${move.why}`) });
      goTo(nodeKey(node.id));
    },
    switch: () => {
      if (node) dispatch({ kind: "disable", nodes: [node.id], disabled: !node.disabled });
      stay();
    },
    remove: () => {
      if (!current || current.kind === "free") return;
      const at = rows.indexOf(current);
      // What is left of a node's own rows goes with it.
      const next = rows.slice(at + 1).find((row) => current.kind === "edge" || row.node.id !== current.node.id) ?? rows[at - 1];
      if (current.kind === "edge") {
        dispatch({ kind: "remove", nodes: [], edges: [current.edge.id] });
        goTo(nodeKey(current.node.id));
        return;
      }
      dispatch({ kind: "remove", nodes: [current.node.id], edges: [] });
      if (next) goTo(next.key);
    },
  };
}
