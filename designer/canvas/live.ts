import { createContext, use } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { FlowStatus } from "#schemas/api.ts";
import type { Trace } from "#schemas/run.ts";

type Status = Trace["nodes"][string]["status"];

/** What happens at a node: the counts of all runs, how one run fared there, or what became of it between two versions. */
export type NodeLive =
  | ({ kind: "counts" } & FlowStatus["nodes"][string])
  | { kind: "run"; status: Status | "held"; reason?: string; pinned?: boolean }
  | { kind: "change"; change: "added" | "removed" | "changed" };

export interface EdgeLive {
  count: number;
  /** Something has just crossed it. */
  active: boolean;
  /** What became of it between two versions. */
  change?: "added" | "removed";
}

/** Status stands apart from the drawing, keyed by id: a count that rises redraws one chip, never the canvas. */
export interface Live {
  nodes: Readonly<Record<string, NodeLive>>;
  edges: Readonly<Record<string, EdgeLive>>;
}

export type LiveStore = StoreApi<Live>;

export const createLive = (): LiveStore => createStore<Live>(() => ({ nodes: {}, edges: {} }));

/** The numbers of a status answer; entries that did not change keep their identity. */
export function fromStatus(before: Live, status: Pick<FlowStatus, "nodes" | "edges">): Live {
  const nodes: Record<string, NodeLive> = {};
  for (const [id, counts] of Object.entries(status.nodes)) {
    const old = before.nodes[id];
    nodes[id] = old?.kind === "counts" && sameCounts(old, counts) ? old : { kind: "counts", ...counts };
  }
  const edges: Record<string, EdgeLive> = {};
  for (const [id, count] of Object.entries(status.edges)) {
    const old = before.edges[id];
    const active = old !== undefined && count > old.count;
    edges[id] = old && old.count === count && old.active === active ? old : { count, active };
  }
  return { nodes, edges };
}

const counted = ["done", "running", "waiting", "retrying", "dead"] as const;
type Counts = FlowStatus["nodes"][string];

const sameCounts = (a: Counts, b: Counts): boolean => counted.every((name) => a[name] === b[name]);

/** One run's trace: how each node fared, and how many items each edge carried. A held run is held where it would go on. */
export function fromTrace(
  trace: Pick<Trace, "nodes">,
  edges: readonly { id: string; from: { node: string; port: string }; to: { node: string } }[],
  held: boolean,
): Live {
  const goesOn = (id: string, status: Status) =>
    status === "waiting" ||
    (status === "notReached" && edges.some(({ from, to }) => to.node === id && trace.nodes[from.node]?.status === "done"));
  return {
    nodes: Object.fromEntries(
      Object.entries(trace.nodes).map(([id, { status, reason }]) => [
        id,
        { kind: "run", status: held && goesOn(id, status) ? "held" : status, ...(reason ? { reason: reason.message } : {}) },
      ]),
    ),
    edges: Object.fromEntries(
      edges.map(({ id, from, to }) => {
        const reached = trace.nodes[to.node]?.status !== "notReached";
        const items = trace.nodes[from.node]?.outputs[from.port]?.length ?? 0;
        return [id, { count: reached ? items : 0, active: false }];
      }),
    ),
  };
}

/** The same, with a mark at nodes whose systems are taken to have answered what is pinned there. */
export const withPins = (live: Live, pins: Readonly<Record<string, unknown>>): Live => ({
  ...live,
  nodes: Object.fromEntries(
    Object.entries(live.nodes).map(([id, node]) => [
      id,
      node.kind === "run" && Object.hasOwn(pins, id) ? { ...node, pinned: true } : node,
    ]),
  ),
});

export const LiveContext = createContext<LiveStore>(createLive());

export const useNodeLive = (id: string): NodeLive | undefined => useStore(use(LiveContext), (live) => live.nodes[id]);
export const useEdgeLive = (id: string): EdgeLive | undefined => useStore(use(LiveContext), (live) => live.edges[id]);
