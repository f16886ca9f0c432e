import type { PortData } from "#nodes/plan.ts";
import type { Flow } from "#schemas/flow.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Trace } from "#schemas/run.ts";

/** What a trace and a dry run gather of each node, by node id. */
export type TraceNodes = Trace["nodes"];

/** Every node of the flow, none reached yet. */
export const unreachedNodes = (flow: Pick<Flow, "nodes">): TraceNodes =>
  Object.fromEntries(flow.nodes.map((node) => [node.id, { status: "notReached" as const, inputs: {}, outputs: {} }]));

/** Adds what ports carried to what they carried before. */
export function addPorts(nodes: TraceNodes, ports: PortData): void {
  for (const [id, data] of Object.entries(ports)) {
    const node = nodes[id];
    if (!node) continue;
    for (const side of ["inputs", "outputs"] as const) {
      for (const [port, items] of Object.entries(data[side])) {
        const carried = node[side][port] ?? [];
        node[side][port] = carried;
        // One after another: a split may make more items than a call takes arguments.
        for (const item of items) carried.push(item);
      }
    }
  }
}

/** Adds the ports of an evaluated segment; a node that gave something is done. */
export function addEvaluated(nodes: TraceNodes, ports: PortData): void {
  addPorts(nodes, ports);
  for (const [id, data] of Object.entries(ports)) if (Object.keys(data.outputs).length > 0) setStatus(nodes, id, "done");
}

/** A failure seen before stays: one bad item is what a person looks for. */
export function setStatus(nodes: TraceNodes, id: string, status: "done" | "waiting"): void {
  const node = nodes[id];
  if (node && node.status !== "failed") node.status = status;
}

export function setFailed(nodes: TraceNodes, id: string, kind: OutcomeClass | null, reason: Reason | null): void {
  const node = nodes[id];
  if (!node) return;
  node.status = "failed";
  if (kind) node.class = kind;
  if (reason) node.reason = reason;
}
