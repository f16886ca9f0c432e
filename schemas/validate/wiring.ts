import { cycles, type Graph, graphOf, reachable } from "../graph.ts";
import { pointerOf } from "../pointer.ts";
import { outputPorts, portsFromConfig } from "../ports.ts";
import type { Draft, DraftEdge, DraftNode, FlowCheck } from "./draft.ts";
import { nodesById } from "./edges.ts";
import { aNode, anInput, anOutput, listed } from "./wording.ts";
import { words } from "./words.ts";

type Report = Parameters<FlowCheck>[2];

/** What can be said of the drawing as a whole. What a broken edge or an unknown type explains is not said again. */
export const wiring: FlowCheck = (draft, _context, report) => {
  const graph = graphOf(draft);
  const knots = cycles(graphOf({ nodes: draft.nodes, edges: draft.edges.filter(couldCarry(draft)) }));
  for (const cycle of knots) reportCycle(draft, cycle, report);
  // With two nodes of one id, or entries that cannot be read, nobody knows what is joined to what.
  if (draft.unread.nodes || draft.unread.edges || nodesById(draft).size < draft.nodes.length) return;

  const typed = draft.nodes.every((node) => node.manifest !== undefined);
  const sources = draft.nodes.filter((node) => node.manifest?.kind === "source").map((node) => node.id);
  // An exception route starts by itself as well, once something fails.
  const started = draft.nodes.filter((node) => node.manifest?.inputs.length === 0).map((node) => node.id);
  if (sources.length === 0 && typed) reportNoSource(report);
  if (knots.length === 0 && edgesHold(draft)) openEnds(draft, graph, report);
  const cut = new Set(openInputs(draft, report));
  if (sources.length === 0) return;
  unreachable(draft, graph, [...started, ...knots.flat(), ...cut, ...loose(draft)], report);
};

/** An edge into a source, or out of a node without outputs, is said to be wrong by itself and closes no cycle. */
function couldCarry(draft: Draft): (edge: DraftEdge) => boolean {
  const nodes = nodesById(draft);
  return ({ from, to }) => {
    const [source, target] = [nodes.get(from.node), nodes.get(to.node)];
    const out = source?.manifest ? outputPorts(source.manifest, source).length > 0 : true;
    return out && target?.manifest?.inputs.length !== 0;
  };
}

function reportCycle(draft: Draft, cycle: string[], report: Report): void {
  const [first = "", last = first] = [cycle[0], cycle.at(-1)];
  const closing = draft.edges.find((edge) => edge.from.node === last && edge.to.node === first);
  const way = [...cycle, first].flatMap((id, at) => [at === 0 ? "" : " -> ", aNode(id)]);
  report({
    code: "flow.cycle",
    severity: "error",
    pointer: closing ? pointerOf("edges", closing.index) : "/edges",
    message: cycle.length === 1 ? words`Node ${aNode(first)} leads back into itself.` : words`The nodes ${way} form a cycle.`,
    hint: "A flow only leads forward: remove one of these edges.",
    node: first,
    ...(closing && closing.id !== "" ? { edge: closing.id } : {}),
  });
}

function reportNoSource(report: Report): void {
  report({
    code: "flow.noSource",
    severity: "error",
    pointer: "/nodes",
    message: "The flow has no source, so nothing can start it.",
    hint: "Add a source node, such as a connector's webhook.",
  });
}

/** Nodes that may hang on something that cannot be told: named by an edge from a missing node, or of an unknown type. */
function loose(draft: Draft): string[] {
  const nodes = nodesById(draft);
  const broken = draft.edges.filter((edge) => !nodes.has(edge.from.node) || !nodes.has(edge.to.node));
  // An edge into nothing was meant for some node; it could be any.
  if (broken.some((edge) => !nodes.has(edge.to.node))) return draft.nodes.map((node) => node.id);
  return [...broken.map((edge) => edge.to.node), ...draft.nodes.filter((node) => !node.manifest).map((node) => node.id)];
}

/** Reports inputs into which nothing leads; gives the nodes that have one. */
function openInputs(draft: Draft, report: Report): string[] {
  const nodes = nodesById(draft);
  if (draft.edges.some((edge) => !nodes.has(edge.to.node))) return [];
  const portsInto = new Map<string, string[]>(draft.nodes.map((node) => [node.id, []]));
  for (const { to } of draft.edges) portsInto.get(to.node)?.push(to.port);
  return draft.nodes.flatMap((node) => {
    const into = portsInto.get(node.id) ?? [];
    const ports = node.manifest?.inputs.map((port) => port.name) ?? [];
    // An edge to a port that does not exist was meant for one of these.
    if (into.some((port) => !ports.includes(port))) return [];
    const open = ports.filter((port) => !into.includes(port));
    if (open.length === 0) return [];
    report({
      code: "node.openInput",
      severity: "error",
      pointer: pointerOf("nodes", node.index),
      message: words`Nothing leads into ${listed(open.map(anInput))} of node ${aNode(node.id)}.`,
      hint: "Draw an edge to it, or remove the node.",
      node: node.id,
    });
    return [node.id];
  });
}

function unreachable(draft: Draft, graph: Graph, from: string[], report: Report): void {
  const reached = reachable(graph, from);
  for (const node of draft.nodes) {
    if (reached.has(node.id)) continue;
    report({
      code: "node.unreachable",
      severity: "warning",
      pointer: pointerOf("nodes", node.index),
      message: words`No source leads to node ${aNode(node.id)}, so it never runs.`,
      hint: "Join it to the rest of the flow, or remove it.",
      node: node.id,
    });
  }
}

/** Whether every edge comes out of a port that exists; else an open case may be what a broken edge was meant for. */
function edgesHold(draft: Draft): boolean {
  const nodes = nodesById(draft);
  return draft.edges.every(({ from, to }) => {
    const node = nodes.get(from.node);
    if (!node || !nodes.has(to.node)) return false;
    return !node.manifest || outputPorts(node.manifest, node).some((port) => port.name === from.port);
  });
}

/** Cases of a switch that lead nowhere. Its `otherwise` may: that is how a flow lets go of what does not concern it. */
function openEnds(draft: Draft, graph: Graph, report: Report): void {
  for (const node of draft.nodes) {
    if (!node.manifest) continue;
    const wired = new Set(graph.outgoing.get(node.id)?.map((edge) => edge.from.port));
    const cases = portsFromConfig(node.manifest, node.config).map((port) => port.name);
    for (const port of cases.filter((name) => !wired.has(name))) reportOpenEnd(node, port, report);
  }
}

function reportOpenEnd(node: DraftNode, port: string, report: Report): void {
  report({
    code: "node.openOutput",
    severity: "warning",
    pointer: pointerOf("nodes", node.index),
    message: words`Nothing follows the output ${anOutput(port)} of node ${aNode(node.id)}; what goes that way ends there.`,
    hint: "Draw an edge from it if something should happen.",
    node: node.id,
  });
}
