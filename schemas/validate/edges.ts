import type { PortRef } from "../flow.ts";
import { pointerOf } from "../pointer.ts";
import { outputPorts } from "../ports.ts";
import type { Mention, Words } from "../problem.ts";
import type { Draft, DraftEdge, DraftNode, FlowCheck } from "./draft.ts";
import { duplicates } from "./shape.ts";
import { aNode, anInput, anOutput, aType, listed, quote, suggested } from "./wording.ts";
import { words } from "./words.ts";

type Report = Parameters<FlowCheck>[2];

const named = (edge: DraftEdge, kind = "Edge"): Words =>
  edge.id === "" ? [`${kind} ${edge.index + 1} in the list`] : words`${kind} ${{ text: quote(edge.id), edge: edge.id }}`;
const placed = (edge: DraftEdge) => (edge.id === "" ? {} : { edge: edge.id });
const anEnd = ({ node, port }: PortRef): Mention => ({ text: quote(`${node}.${port}`), node });

/** Nodes by id; of two with the same id the first. */
export const nodesById = (draft: Draft): Map<string, DraftNode> =>
  new Map([...draft.nodes].reverse().map((node) => [node.id, node]));

export const edgeEnds: FlowCheck = (draft, _context, report) => {
  const nodes = nodesById(draft);
  for (const edge of draft.edges) {
    for (const end of ["from", "to"] as const) {
      // A node that could not be read may be the one that is meant.
      if (nodes.has(edge[end].node) || !draft.unread.nodes) checkEnd(edge, end, nodes, report);
    }
  }
};

function checkEnd(edge: DraftEdge, end: "from" | "to", nodes: Map<string, DraftNode>, report: Report): void {
  const ref = edge[end];
  const direction = end === "from" ? "comes out of" : "leads into";
  const node = nodes.get(ref.node);
  if (!node) {
    report({
      code: "edge.unknownNode",
      severity: "error",
      pointer: pointerOf("edges", edge.index, end, "node"),
      message: words`${named(edge)} ${direction} node ${aNode(ref.node)}, which does not exist.`,
      hint: suggested(ref.node, [...nodes.keys()], "nodes", aNode),
      ...placed(edge),
    });
    return;
  }
  // Ports of a node of unknown type, or with a config that is no object, cannot be known.
  if (!node.manifest || (end === "from" && node.config === undefined)) return;
  const ports = end === "from" ? outputPorts(node.manifest, node) : node.manifest.inputs;
  if (ports.length === 0) reportNoPorts(edge, end, ref, node, report);
  else if (!ports.some((port) => port.name === ref.port)) {
    const names = ports.map((port) => port.name);
    const aPort = end === "from" ? anOutput : anInput;
    report({
      code: "edge.unknownPort",
      severity: "error",
      pointer: pointerOf("edges", edge.index, end, "port"),
      message: words`${named(edge)} ${direction} port ${aPort(ref.port)} of node ${aNode(ref.node)}, which has no such ${end === "from" ? "output" : "input"}.`,
      hint: words`Its ${end === "from" ? "outputs" : "inputs"} are ${listed(names.map((name) => aPort(name)))}.`,
      node: ref.node,
      ...placed(edge),
    });
  }
}

function reportNoPorts(edge: DraftEdge, end: "from" | "to", ref: PortRef, node: DraftNode, report: Report): void {
  const intoSource = end === "to";
  const why = node.manifest?.kind === "source" ? "is a source" : words`is of type ${aType(node.type ?? "")}`;
  report({
    code: intoSource ? "edge.intoSource" : "edge.outOfNothing",
    severity: "error",
    pointer: pointerOf("edges", edge.index, end),
    message: words`${named(edge)} ${intoSource ? "leads into" : "comes out of"} node ${aNode(ref.node)}, which ${why} and has no ${intoSource ? "inputs" : "outputs"}.`,
    hint: "Remove the edge, or join it to another node.",
    node: ref.node,
    ...placed(edge),
  });
}

export const duplicateEdges: FlowCheck = ({ edges }, _context, report) => {
  const ends = ({ from, to }: DraftEdge) => JSON.stringify([from.node, from.port, to.node, to.port]);
  const again = new Set<number>();
  duplicates(edges, ends, (edge, first) => {
    again.add(edge.index);
    const { from, to } = edge;
    report({
      code: "edge.duplicate",
      severity: "error",
      pointer: pointerOf("edges", edge.index),
      message: words`${named(edge)} joins ${anEnd(from)} to ${anEnd(to)} a second time, as ${named(first, "edge")} does already.`,
      hint: "Remove one of the two.",
      ...placed(edge),
    });
  });
  const others = edges.filter((edge) => edge.id !== "" && !again.has(edge.index));
  duplicates(
    others,
    (edge) => edge.id,
    (edge, first) => {
      report({
        code: "edge.duplicateId",
        severity: "error",
        pointer: pointerOf("edges", edge.index, "id"),
        message: `Two edges have the id ${quote(edge.id)}: entries ${first.index + 1} and ${edge.index + 1} of "edges".`,
        hint: "Give one of them another id.",
        edge: edge.id,
      });
    },
  );
};
