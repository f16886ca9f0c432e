import { useReactFlow } from "@xyflow/react";
import { use, useMemo, useRef } from "react";
import type { Flow, FlowEdge, FlowNode, FlowSlot } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { outputPorts } from "#schemas/ports.ts";
import type { Catalogue } from "./catalogue.ts";
import { DraftContext, selectFlow } from "./draft.ts";
import { edgeId, freeId, type Position } from "./operations.ts";
import { cardHeight, cardWidth } from "./places.ts";
import { propertiesOf } from "./summary.ts";
import { useSelection } from "./useSelection.ts";

const gap = 80;
/** The least room between two cards. */
const room = 16;
const onGrid = (value: number): number => Math.round(value / 8) * 8;

/** Adds nodes: at a place, or behind the selected node and linked to it. The new node becomes the selected one. */
export function useAddNode({ manifests }: Catalogue) {
  const store = use(DraftContext);
  const { getNodes, screenToFlowPosition } = useReactFlow();
  const { select } = useSelection();
  const tell = useRef(select);
  tell.current = select;
  return useMemo(() => {
    const add = (type: string, at: Position, after?: FlowNode) => {
      const manifest = manifests.get(type);
      if (!manifest || !store) return;
      const flow = selectFlow(store.getState());
      const { node, slot } = newNode(flow, manifest);
      const edge = after && linkBehind(flow, after, node, manifests);
      const place = { x: onGrid(at.x), y: onGrid(at.y) };
      store.getState().dispatch({ kind: "addNode", node, at: place, ...(slot ? { slot } : {}), ...(edge ? { edge } : {}) });
      tell.current(node.id, null);
    };
    const addNext = (type: string) => {
      const chosen = getNodes().filter(({ selected }) => selected);
      const [card] = chosen;
      const after =
        store && chosen.length === 1 ? selectFlow(store.getState()).nodes.find(({ id }) => id === card?.id) : undefined;
      if (card && after)
        return add(type, freePlace(getNodes(), { x: card.position.x + cardWidth + gap, y: card.position.y }), after);
      const board = document.querySelector(".react-flow")?.getBoundingClientRect() ?? document.body.getBoundingClientRect();
      const middle = screenToFlowPosition({ x: board.x + board.width / 2, y: board.y + board.height / 2 });
      add(type, freePlace(getNodes(), { x: middle.x - cardWidth / 2, y: middle.y - 48 }));
    };
    return { addAt: (type: string, at: Position) => add(type, freePlace(getNodes(), at)), addNext };
  }, [manifests, store, getNodes, screenToFlowPosition]);
}

interface Standing {
  position: Position;
  measured?: { height?: number };
}

/** The nearest place below `at` where a card covers no other. */
export function freePlace(cards: readonly Standing[], at: Position): Position {
  const heightOf = ({ measured }: Standing) => Math.max(measured?.height ?? 0, cardHeight);
  const hit = ({ x, y }: Position) =>
    cards.find(({ position, ...card }) => {
      const below = y - position.y;
      const free = below >= 0 ? heightOf({ position, ...card }) + room : cardHeight + room;
      return Math.abs(position.x - x) < cardWidth + room && Math.abs(below) < free;
    });
  let place = at;
  for (let under = hit(place); under; under = hit(place)) {
    place = { x: place.x, y: under.position.y + heightOf(under) + room };
  }
  return place;
}

/** A node of a type with its defaults, and the slot it needs when the flow has none for its connector. */
export function newNode(flow: Flow, manifest: NodeManifest): { node: FlowNode; slot?: FlowSlot } {
  const base = manifest.type.split(".").at(-1) ?? manifest.type;
  const id = freeId(base.replaceAll(/[^A-Za-z0-9_-]/g, ""), new Set(flow.nodes.map((node) => node.id)));
  const node: FlowNode = { id, type: manifest.type, config: { ...defaultsOf(manifest.config), ...partnersOf(flow, manifest) } };
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

/** The edge from the first output that leads nowhere yet (or the first at all) to the new node's first input. */
function linkBehind(flow: Flow, after: FlowNode, node: FlowNode, manifests: Catalogue["manifests"]): FlowEdge | undefined {
  const manifest = manifests.get(after.type);
  const input = manifests.get(node.type)?.inputs[0];
  if (!manifest || !input) return undefined;
  const ports = outputPorts(manifest, after);
  const used = new Set(flow.edges.flatMap(({ from }) => (from.node === after.id ? [from.port] : [])));
  const port = ports.find(({ name }) => !used.has(name)) ?? ports[0];
  if (!port) return undefined;
  const from = { node: after.id, port: port.name };
  const to = { node: node.id, port: input.name };
  return { id: edgeId(flow, from, to), from, to };
}
