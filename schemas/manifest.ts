import { type Static, Type } from "typebox";
import { RetryPolicy } from "./outcome.ts";

export const Port = Type.Object(
  {
    name: Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_-]{0,63}$" }),
    title: Type.String(),
    description: Type.Optional(Type.String()),
    /** A canonical schema (`canonical/order/1`) when the port carries one. */
    schema: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Port = Static<typeof Port>;

export const idempotencyModes = ["key", "natural", "lookup", "none"] as const;
export const IdempotencyMode = Type.Enum([...idempotencyModes]);
export type IdempotencyMode = (typeof idempotencyModes)[number];

/** What a connector says of one of its operations: of its API, and of what stands in its place. */
const TypeLifecycle = Type.Object(
  {
    apiVersion: Type.Optional(Type.String()),
    sunset: Type.Optional(Type.String()),
    /** The node type that flows should be made with in its place. */
    replacedBy: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** A node type's `node.json`, or what a connector's operation becomes. It drives palette, form, validation and docs. */
export const NodeManifest = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    type: Type.String({ pattern: "^[a-z][A-Za-z0-9-]*(\\.[a-z][A-Za-z0-9]*)?$" }),
    version: Type.String({ pattern: "^\\d+\\.\\d+\\.\\d+$" }),
    /** The major versions that changed the shape of the config; there is a migration to each. */
    migrations: Type.Optional(Type.Array(Type.Integer({ minimum: 2 }))),
    lifecycle: Type.Optional(TypeLifecycle),
    title: Type.String(),
    summary: Type.String({ description: "One sentence for the palette." }),
    /** The kind decides the colour in the designer. */
    category: Type.Enum(["source", "transform", "control", "sink"]),
    /** How the engine treats it: `source` starts runs, `pure` and `control` are evaluated, `effect` talks to a system. */
    kind: Type.Enum(["source", "pure", "control", "effect"]),
    /** A lucide icon name, or a connector's id for its badge. */
    icon: Type.String(),
    keywords: Type.Array(Type.String()),
    inputs: Type.Array(Port),
    outputs: Type.Array(Port),
    /** The config property (an array of objects with a `port`) that adds output ports, as in a switch. */
    outputsFrom: Type.Optional(Type.String()),
    /** JSON Schema of the node's config; `x-widget` names the form control. */
    config: Type.Record(Type.String(), Type.Unknown()),
    /** The connector whose connection the node needs, when it needs one. */
    connector: Type.Optional(Type.String()),
    operation: Type.Optional(Type.String()),
    /** What it asks or tells another system: of every effect, and of a source that fetches what a message points at. */
    effect: Type.Optional(
      Type.Object(
        {
          idempotency: IdempotencyMode,
          read: Type.Boolean(),
          /** It sends many documents at once, under this name in the item; each of them may be refused by itself. */
          list: Type.Optional(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
    /** The operation's own retry defaults, above the product's. */
    retry: Type.Optional(Type.Partial(RetryPolicy)),
  },
  { additionalProperties: false },
);
export type NodeManifest = Static<typeof NodeManifest>;
