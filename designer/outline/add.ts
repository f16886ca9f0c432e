import type { Flow, FlowNote, LayoutColor } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { addition, cardBoxes, fits, freePlace, gap, type Spot } from "../canvas/adding.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { freeId } from "../canvas/ids.ts";
import { cardHeight, cardWidth, onGrid, places } from "../canvas/places.ts";
import { isOfNode, portsOf, type Row } from "./rows.ts";

type Manifests = Catalogue["manifests"];

/** How a node that is added stands to the row it is added at. */
export interface Joining {
  way: "behind" | "before" | "onEdge" | "atOutput" | "alone";
  spot: Spot;
}

const alone: Joining = { way: "alone", spot: { kind: "free" } };

/** Where a node that is added at a row may stand in the flow, what is meant most often first: on its edge, at its output, behind its node. */
export function joiningsAt(row: Row | undefined, flow: Flow, manifests: Manifests): Joining[] {
  if (!row || !isOfNode(row)) return [alone];
  if (row.kind === "edge") return [{ way: "onEdge", spot: { kind: "edge", edge: row.edge.id } }, alone];
  if (row.kind === "free") return [{ way: "atOutput", spot: { kind: "output", node: row.node.id, port: row.port.name } }, alone];
  const { id } = row.node;
  const before = spotBefore(flow, id, manifests);
  return [
    ...(portsOf(row.node, manifests).length > 0 ? [{ way: "behind" as const, spot: { kind: "behind" as const, node: id } }] : []),
    ...(before ? [{ way: "before" as const, spot: before }] : []),
    alone,
  ];
}

/** At an input that nothing leads into yet, else onto the one edge that leads to the node. */
function spotBefore(flow: Flow, id: string, manifests: Manifests): Spot | undefined {
  const node = flow.nodes.find((one) => one.id === id);
  const into = flow.edges.filter(({ to }) => to.node === id);
  const open = manifests.get(node?.type ?? "")?.inputs.find(({ name }) => !into.some(({ to }) => to.port === name));
  if (open) return { kind: "input", node: id, port: open.name };
  const [edge] = into;
  return edge && into.length === 1 ? { kind: "edge", edge: edge.id } : undefined;
}

/** Adds a node of this type at a spot, or on its own where it does not fit there; its card covers no other. */
export function additionAt(flow: Flow, manifest: NodeManifest, spot: Spot, manifests: Manifests) {
  const at = places(flow);
  const cards = cardBoxes(at);
  const anchor = fits(manifest, spot) && "node" in spot ? at[spot.node] : undefined;
  const side = spot.kind === "input" ? -1 : 1;
  const first = { x: cards.length === 0 ? 0 : Math.min(...cards.map(({ x }) => x)), y: 0 };
  const place = freePlace(
    [...cards, ...(flow.layout?.notes ?? [])],
    anchor ? { x: anchor.x + side * (cardWidth + gap), y: anchor.y } : first,
  );
  return addition(flow, manifests, manifest, place, fits(manifest, spot) ? spot : { kind: "free" });
}

/** A note measures this much until somebody makes it larger on the canvas. */
const noteSize = { width: 240, height: 120 };

/** A new note, below all that stands on the canvas. */
export function newNote(flow: Flow, text: string, color: LayoutColor): FlowNote {
  const notes = flow.layout?.notes ?? [];
  const cards = Object.values(places(flow));
  const id = freeId("note", new Set(notes.map((note) => note.id)));
  const lowest = Math.max(0, ...cards.map(({ y }) => y + cardHeight), ...notes.map(({ y, height }) => y + height));
  const left = cards.length + notes.length === 0 ? 0 : Math.min(...cards.map(({ x }) => x), ...notes.map(({ x }) => x));
  return { id, text, color, x: left, y: onGrid(lowest + gap / 2), ...noteSize };
}
