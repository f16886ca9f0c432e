import { type Static, Type } from "typebox";

/** One thing that is wrong with a flow, connector or config: where, what, and what to do. */
export const Problem = Type.Object(
  {
    code: Type.String(),
    severity: Type.Enum(["error", "warning"]),
    /** JSON pointer into the checked document. */
    pointer: Type.String(),
    message: Type.String(),
    hint: Type.Optional(Type.String()),
    node: Type.Optional(Type.String()),
    edge: Type.Optional(Type.String()),
    /** Character offset inside an expression. */
    position: Type.Optional(Type.Integer()),
  },
  { additionalProperties: false },
);
export type Problem = Static<typeof Problem>;
