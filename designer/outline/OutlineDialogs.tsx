import type { Flow, FlowEdge, FlowGroup, FlowNote } from "#schemas/flow.ts";
import { say as sayAction } from "../actions/say.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { titleOf } from "../canvas/names.ts";
import type { Operation } from "../canvas/operations.ts";
import { AddDialog } from "./AddDialog.tsx";
import { additionAt, joiningsAt, newNote } from "./add.ts";
import { ConnectDialog, ReconnectDialog } from "./ConnectDialog.tsx";
import { WrittenDialog } from "./LayoutDialogs.tsx";
import { edgeKey, isOfNode, nodeKey, type PathRow, portsOf, type Row } from "./rows.ts";
import { say } from "./say.ts";

/** What is asked for before it is done. */
export type Asked =
  | { kind: "add" }
  | { kind: "connect"; row: PathRow }
  | { kind: "reconnect"; edge: FlowEdge }
  /** Null: a new one. */
  | { kind: "note"; note: FlowNote | null }
  | { kind: "group"; group: FlowGroup };

interface OutlineDialogsProps {
  asked: Asked;
  flow: Flow;
  catalogue: Catalogue;
  current: Row | undefined;
  /** Does it, and goes on at a row. */
  onDo: (operation: Operation, key: string) => void;
  onClose: () => void;
}

/** The dialogs of the outline, one at a time. */
export function OutlineDialogs({ asked, flow, catalogue, current, onDo, onClose }: OutlineDialogsProps) {
  const { manifests } = catalogue;
  switch (asked.kind) {
    case "add":
      return (
        <AddDialog
          catalogue={catalogue}
          joinings={joiningsAt(current, flow, manifests)}
          name={current && isOfNode(current) ? titleOf(current.node, manifests) : ""}
          onClose={onClose}
          onAdd={(manifest, spot) => {
            const { operation, id } = additionAt(flow, manifest, spot, manifests);
            onDo(operation, nodeKey(id));
          }}
        />
      );
    case "connect":
      return (
        <ConnectDialog
          flow={flow}
          node={asked.row.node}
          port={portToBegin(flow, asked.row, portsOf(asked.row.node, manifests))}
          catalogue={catalogue}
          onClose={onClose}
          onConnect={(edge) => onDo({ kind: "connect", edge }, edgeKey(edge.id))}
        />
      );
    case "reconnect":
      return (
        <ReconnectDialog
          flow={flow}
          edge={asked.edge}
          catalogue={catalogue}
          onClose={onClose}
          onConnect={(edge) => onDo({ kind: "reconnect", edge }, edgeKey(edge.id))}
        />
      );
    case "note": {
      const { note } = asked;
      return (
        <WrittenDialog
          title={say("outline.noteTitle")}
          label={sayAction("note.text")}
          hint={sayAction("note.hint")}
          text={note?.text ?? ""}
          color={note?.color ?? "yellow"}
          lines
          maxLength={4_000}
          onClose={onClose}
          onDone={(text, color) => {
            if (note) return onDo({ kind: "setNote", note: note.id, change: { text, color } }, `note ${note.id}`);
            const made = newNote(flow, text, color);
            onDo({ kind: "addNote", note: made }, `note ${made.id}`);
          }}
        />
      );
    }
    case "group": {
      const { id, title, color } = asked.group;
      return (
        <WrittenDialog
          title={say("outline.groupTitle")}
          label={sayAction("group.title")}
          text={title}
          color={color ?? "grey"}
          maxLength={120}
          onClose={onClose}
          onDone={(text, hue) => onDo({ kind: "setGroup", group: id, change: { title: text, color: hue } }, `group ${id}`)}
        />
      );
    }
  }
}

/** The output that is meant by a row: its own, else the first that leads nowhere yet. */
function portToBegin(flow: Flow, row: PathRow, ports: readonly { name: string }[]): string {
  if (row.kind !== "node") return row.port.name;
  const used = new Set(flow.edges.flatMap(({ from }) => (from.node === row.node.id ? [from.port] : [])));
  return (ports.find(({ name }) => !used.has(name)) ?? ports[0])?.name ?? "";
}
