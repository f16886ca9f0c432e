import { type Static, Type } from "typebox";

/**
 * A thing of a flow that a sentence speaks of. `text` stands for it where only the file is known; whoever knows the
 * flow can say what people call it instead. Settings and ports are those of the problem's node.
 */
export const Mention = Type.Object(
  {
    text: Type.String(),
    /** The id of a node. */
    node: Type.Optional(Type.String()),
    /** The id of an edge. */
    edge: Type.Optional(Type.String()),
    /** The name of a node type. */
    type: Type.Optional(Type.String()),
    /** The id of a connector. */
    connector: Type.Optional(Type.String()),
    /** The name of an input. */
    input: Type.Optional(Type.String()),
    /** The name of an output. */
    output: Type.Optional(Type.String()),
    /** JSON pointer into the node: the setting with the way to it. */
    setting: Type.Optional(Type.String()),
    /** JSON pointer into the node: the setting by itself, where the sentence has said already in what it stands. */
    part: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Mention = Static<typeof Mention>;

/** A sentence in pieces: texts, and the things it speaks of. */
export const Words = Type.Array(Type.Union([Type.String(), Mention]));
export type Words = Static<typeof Words>;

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
    /** Message and hint once more, in pieces, where they speak of things that have names. */
    words: Type.Optional(Type.Object({ message: Words, hint: Type.Optional(Words) }, { additionalProperties: false })),
  },
  { additionalProperties: false },
);
export type Problem = Static<typeof Problem>;
