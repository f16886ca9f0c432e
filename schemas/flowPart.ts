import { type Static, Type } from "typebox";
import { FlowEdge, FlowLayout, FlowNode, FlowSlot } from "./flow.ts";

/**
 * Some nodes of a flow with the edges among them, the slots they use, and what stands with them on the canvas: what is
 * copied and pasted, as text, from one flow to another.
 */
export const FlowPart = Type.Object(
  {
    kind: Type.Literal("flowPart"),
    formatVersion: Type.Literal(1),
    slots: Type.Array(FlowSlot),
    nodes: Type.Array(FlowNode),
    edges: Type.Array(FlowEdge),
    layout: FlowLayout,
  },
  { additionalProperties: false },
);
export type FlowPart = Static<typeof FlowPart>;
