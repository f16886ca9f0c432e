import { describe, expect, it } from "vitest";
import type { FlowEdge } from "#schemas/flow.ts";
import { segmentStart } from "./segmentStart.ts";

const edges = (...pairs: [string, string][]): { edges: FlowEdge[] } => ({
  edges: pairs.map(([from, to], index) => ({ id: `e${index}`, from: { node: from, port: "out" }, to: { node: to, port: "in" } })),
});

describe("the node at which the segment of another starts", () => {
  const flow = edges(["when", "rows"], ["rows", "each"], ["each", "twice"], ["twice", "again"], ["again", "twice"]);

  it("is the nearest before it, not the first of the run", () => {
    expect(segmentStart("again", flow, new Set(["when", "each"]))).toBe("each");
    expect(segmentStart("rows", flow, new Set(["when", "each"]))).toBe("when");
  });

  it("is none where nothing has run yet, also in a flow drawn in a circle", () => {
    expect(segmentStart("twice", flow, new Set())).toBeUndefined();
  });
});
