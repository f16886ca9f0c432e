import { sampleFlow } from "#nodes/sample.fixture.ts";
import type { Flow } from "#schemas/flow.ts";

/** The flow that others call: it posts, and answers what it got. */
export const below: Flow = {
  ...sampleFlow,
  id: "below",
  nodes: [
    { id: "called", type: "sub-flow-input" },
    { id: "put", type: "book.put", slot: "erp" },
    { id: "answer", type: "respond", config: {} },
  ],
  edges: [
    { id: "e1", from: { node: "called", port: "out" }, to: { node: "put", port: "in" } },
    { id: "e2", from: { node: "put", port: "out" }, to: { node: "answer", port: "in" } },
  ],
};
