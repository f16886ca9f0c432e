import { expect, it } from "vitest";
import type { Flow } from "#schemas/flow.ts";
import { isBetween } from "./replay.ts";

const node = (id: string, type: string, config = {}) => ({ id, type, config });
const edge = (from: string, to: string) => ({
  id: `${from} ${to}`,
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});

const flow: Pick<Flow, "nodes" | "edges"> = {
  nodes: [
    node("source", "x"),
    node("lines", "split"),
    node("line", "map"),
    node("side", "map"),
    node("all", "join", { split: "lines" }),
    node("after", "map"),
  ],
  edges: [edge("source", "lines"), edge("lines", "line"), edge("line", "all"), edge("line", "side"), edge("all", "after")],
};

it("what stands between a split and its join is told from what stands before, beside and behind", () => {
  const between = flow.nodes.map(({ id }) => id).filter((id) => isBetween(flow, id));
  expect(between).toEqual(["line", "all"]);
  const open = { ...flow, nodes: flow.nodes.map((each) => (each.type === "join" ? { ...each, disabled: true } : each)) };
  expect(isBetween(open, "line")).toBe(false);
});
