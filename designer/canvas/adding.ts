import type { Flow, FlowEdge, FlowNode, FlowSlot } from "#schemas/flow.ts";
import { graphOf, reachable } from "#schemas/graph.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { newestShape } from "#schemas/nodeVersion.ts";
import { outputPorts } from "#schemas/ports.ts";
import type { Box } from "./align.ts";
import { edgeId, freeEdgeId, freeId } from "./ids.ts";
import type { Position } from "./layoutOperations.ts";
import type { Operation } from "./operations.ts";
import { cardHeight, cardWidth, onGrid, places } from "./places.ts";
import { propertiesOf } from "./summary.ts";

/** The room between two cards that are joined. */
export const gap = 80;
/** The least room between two cards. */
const room = 16;

type Manifests = ReadonlyMap<string, NodeManifest>;

/** What a new node is to be joined to. */
export type Spot =
  | { kind: "free" }
  /** Behind a node: at its first output that leads nowhere yet. */
  | { kind: "behind"; node: string }
  | { kind: "output"; node: string; port: string }
  | { kind: "input"; node: string; port: string }
  | { kind: "edge"; edge: string };

/** True when a node of this type can stand there: what leads into it needs an input, what leads on an output. */
export function fits({ inputs, outputs, outputsFrom }: NodeManifest, { kind }: Spot): boolean {
  const leadsOn = outputs.length > 0 || outputsFrom !== undefined;
  if (kind === "free") return true;
  if (kind === "input") return leadsOn;
  return inputs.length > 0 && (kind !== "edge" || leadsOn);
}

/** A new node of a type at a place, joined to a spot of the flow where it fits; and the id it has. */
export function addition(
  flow: Flow,
  manifests: Manifests,
  manifest: NodeManifest,
  at: Position,
  spot: Spot = { kind: "free" },
): { operation: Operation; id: string } {
  const { node, slot } = newNode(flow, manifest);
  const place = { x: onGrid(at.x), y: onGrid(at.y) };
  const base = { node, at: place, ...(slot ? { slot } : {}) };
  if (spot.kind === "edge") {
    const onEdge = ontoEdge(flow, manifest, node, spot.edge);
    if (onEdge) return { operation: { kind: "insertNode", ...base, ...onEdge }, id: node.id };
  }
  const edge = edgeAt(flow, manifests, manifest, node, spot);
  return { operation: { kind: "addNode", ...base, ...(edge ? { edge } : {}) }, id: node.id };
}

function edgeAt(flow: Flow, manifests: Manifests, manifest: NodeManifest, node: FlowNode, spot: Spot): FlowEdge | undefined {
  const [input] = manifest.inputs;
  const [output] = outputPorts(manifest, node);
  const join = (from: FlowEdge["from"], to: FlowEdge["to"]) => ({ id: edgeId(flow, from, to), from, to });
  if (spot.kind === "input" && output) return join({ node: node.id, port: output.name }, { node: spot.node, port: spot.port });
  const port = spot.kind === "output" ? spot.port : spot.kind === "behind" ? openOutput(flow, manifests, spot.node) : undefined;
  if (!input || port === undefined || (spot.kind !== "output" && spot.kind !== "behind")) return undefined;
  return join({ node: spot.node, port }, { node: node.id, port: input.name });
}

/** The first output of a node that leads nowhere yet, else its first. */
function openOutput(flow: Flow, manifests: Manifests, id: string): string | undefined {
  const node = flow.nodes.find((one) => one.id === id);
  const manifest = node && manifests.get(node.type);
  if (!manifest) return undefined;
  const ports = outputPorts(manifest, node);
  const used = new Set(flow.edges.flatMap(({ from }) => (from.node === id ? [from.port] : [])));
  return (ports.find(({ name }) => !used.has(name)) ?? ports[0])?.name;
}

/** What an edge gives way to, and room for the card: what lies behind moves on where it would be covered. */
function ontoEdge(flow: Flow, manifest: NodeManifest, node: FlowNode, id: string) {
  const edge = flow.edges.find((one) => one.id === id);
  const [input] = manifest.inputs;
  const [output] = outputPorts(manifest, node);
  if (!edge || !input || !output) return undefined;
  const ids = new Set(flow.edges.map((one) => one.id));
  const target = { node: node.id, port: input.name };
  const into: FlowEdge = { id: freeEdgeId(edge.from, target, ids), from: edge.from, to: target };
  const source = { node: node.id, port: output.name };
  const onward: FlowEdge = { id: freeEdgeId(source, edge.to, ids.add(into.id)), from: source, to: edge.to };
  const at = places(flow);
  const [before, behind] = [at[edge.from.node], at[edge.to.node]];
  if (!before || !behind) return { edge: id, into, onward };
  const between = { x: onGrid((before.x + behind.x) / 2), y: onGrid((before.y + behind.y) / 2) };
  // A card behind that stands to the left is reached by going around: there is room, or none that pushing could make.
  if (behind.x <= before.x) return { edge: id, into, onward, at: freePlace(cardBoxes(at), between) };
  const x = Math.max(between.x, onGrid(before.x + cardWidth + gap));
  const missing = onGrid(x + cardWidth + gap - behind.x);
  if (missing <= 0) return { edge: id, into, onward, at: { x, y: between.y } };
  const later = reachable(graphOf(flow), [edge.to.node]);
  const push = Object.fromEntries(
    [...later].flatMap((one) => {
      const place = at[one];
      return place && place.x >= behind.x ? [[one, { x: place.x + missing, y: place.y }]] : [];
    }),
  );
  return { edge: id, into, onward, at: { x, y: between.y }, push };
}

/** The boxes that cards fill at these places: at least. */
export const cardBoxes = (at: Readonly<Record<string, Position>>): Box[] =>
  Object.values(at).map((place) => ({ ...place, ...cardSize }));

/** The nearest place below `at` where something of this size, a card, covers nothing of what stands there. */
export function freePlace(boxes: readonly Box[], at: Position, size: Size = cardSize): Position {
  let place = at;
  for (let under = covered(boxes, place, size); under; under = covered(boxes, place, size)) {
    place = { x: place.x, y: under.y + under.height + room };
  }
  return place;
}

/** The nearest place above or below `at`, or that very one, where something of this size covers nothing. */
export function nearestFree(boxes: readonly Box[], at: Position, size: Size): Position {
  const [nearest = at] = [at.y, ...boxes.flatMap(({ y, height }) => [y - size.height - room, y + height + room])]
    .map((y) => ({ x: at.x, y }))
    .filter((place) => !covered(boxes, place, size))
    .sort((a, b) => Math.abs(a.y - at.y) - Math.abs(b.y - at.y));
  return nearest;
}

type Size = Pick<Box, "width" | "height">;
const cardSize: Size = { width: cardWidth, height: cardHeight };

/** What would be covered, or come closer than there must be room, by something of this size at a place. */
const covered = (boxes: readonly Box[], { x, y }: Position, { width, height }: Size): Box | undefined =>
  boxes.find(
    (box) =>
      x < box.x + box.width + room && box.x < x + width + room && y < box.y + box.height + room && box.y < y + height + room,
  );

/** A node of a type with its defaults, and the slot it needs when the flow has none for its connector. */
export function newNode(flow: Flow, manifest: NodeManifest): { node: FlowNode; slot?: FlowSlot } {
  const base = manifest.type.split(".").at(-1) ?? manifest.type;
  const id = freeId(base.replaceAll(/[^A-Za-z0-9_-]/g, ""), new Set(flow.nodes.map((node) => node.id)));
  const version = newestShape(manifest);
  const made = { id, type: manifest.type, ...(version === undefined ? {} : { version }) };
  const node: FlowNode = { ...made, config: { ...defaultsOf(manifest.config), ...partnersOf(flow, manifest) } };
  if (manifest.connector === undefined) return { node };
  const { connector } = manifest;
  const slot = flow.slots.find((one) => one.connector === connector);
  if (slot) return { node: { ...node, slot: slot.name } };
  const name = freeId(connector, new Set(flow.slots.map((one) => one.name)));
  return { node: { ...node, slot: name }, slot: { name, connector } };
}

/** The nodes that the new one can only mean: the newest of the type it names which no other node of its kind names yet. */
function partnersOf(flow: Flow, manifest: NodeManifest): Record<string, string> {
  const named = Object.entries(propertiesOf(manifest.config)).flatMap(([name, schema]) => {
    if (schema["x-widget"] !== "node") return [];
    const taken = new Set(flow.nodes.filter(({ type }) => type === manifest.type).map(({ config }) => config?.[name]));
    const free = flow.nodes.findLast(({ id, type }) => type === schema["x-node-type"] && !taken.has(id));
    return free ? [[name, free.id] as const] : [];
  });
  return Object.fromEntries(named);
}

const defaultsOf = (schema: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(propertiesOf(schema)).flatMap(([name, property]) =>
      "default" in property ? [[name, structuredClone(property.default)]] : [],
    ),
  );
