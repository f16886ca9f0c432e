import type { Flow } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { addition, fits, freePlace, gap, type Spot } from "../canvas/adding.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { cardWidth, places } from "../canvas/places.ts";
import { portsOf, type Row } from "./rows.ts";

/** Where a node that is added at a row is to stand in the flow: on its edge, at its output, or behind its node. */
export function spotOf(row: Row, manifests: Catalogue["manifests"]): Spot {
  if (row.kind === "edge") return { kind: "edge", edge: row.edge.id };
  if (row.kind === "free") return { kind: "output", node: row.node.id, port: row.port.name };
  return portsOf(row.node, manifests).length > 0 ? { kind: "behind", node: row.node.id } : { kind: "free" };
}

/** Adds a node of this type at a spot, or on its own where it does not fit there; its card covers no other. */
export function additionAt(flow: Flow, manifest: NodeManifest, spot: Spot, manifests: Catalogue["manifests"]) {
  const at = places(flow);
  const cards = Object.values(at).map((position) => ({ position }));
  const anchor = fits(manifest, spot) && "node" in spot ? at[spot.node] : undefined;
  const first = { x: cards.length === 0 ? 0 : Math.min(...cards.map(({ position }) => position.x)), y: 0 };
  const place = freePlace(cards, anchor ? { x: anchor.x + cardWidth + gap, y: anchor.y } : first);
  return addition(flow, manifests, manifest, place, fits(manifest, spot) ? spot : { kind: "free" });
}
