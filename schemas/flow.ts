import { type Static, Type } from "typebox";
import { layoutColors } from "./layoutColors.ts";
import { RetryPolicy } from "./outcome.ts";

/** Ids of flows, nodes, edges, slots: letters, digits, `-` and `_`; they appear in addresses and effect keys. */
const Id = Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_-]{0,63}$" });

export const FlowNode = Type.Object(
  {
    id: Id,
    /** A node type: `map`, or `connector.operation` such as `netsuite.upsertSalesOrder`. */
    type: Type.String({ pattern: "^[a-z][A-Za-z0-9-]*(\\.[a-z][A-Za-z0-9]*)?$" }),
    /** The major version of the type whose config the node has; 1 when absent. */
    version: Type.Optional(Type.Integer({ minimum: 1 })),
    name: Type.Optional(
      Type.String({ maxLength: 120, description: "What people read on the card; the type's title when absent." }),
    ),
    /** The slot through which the node reaches a connection; only for node types that need one. */
    slot: Type.Optional(Id),
    config: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    retry: Type.Optional(Type.Partial(RetryPolicy)),
    /** `route`: what fails here for good leaves through the port `error` instead of becoming a dead letter. */
    onError: Type.Optional(Type.Enum(["deadLetter", "route"])),
    disabled: Type.Optional(Type.Boolean()),
    notes: Type.Optional(Type.String({ maxLength: 4000 })),
  },
  { additionalProperties: false },
);
export type FlowNode = Static<typeof FlowNode>;

export const PortRef = Type.Object(
  { node: Id, port: Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_-]{0,63}$" }) },
  { additionalProperties: false },
);
export type PortRef = Static<typeof PortRef>;

export const FlowEdge = Type.Object({ id: Id, from: PortRef, to: PortRef }, { additionalProperties: false });
export type FlowEdge = Static<typeof FlowEdge>;

export const FlowSlot = Type.Object(
  { name: Id, connector: Id, title: Type.Optional(Type.String({ maxLength: 120 })) },
  { additionalProperties: false },
);
export type FlowSlot = Static<typeof FlowSlot>;

/** What tells notes and groups apart at a glance; it means what the people who draw agree on. */
const LayoutColor = Type.Enum([...layoutColors]);
export type LayoutColor = Static<typeof LayoutColor>;

/** A piece of paper on the canvas. Its text may use headings, lists, bold, italic, code and addresses of Markdown. */
export const FlowNote = Type.Object(
  {
    id: Id,
    text: Type.String({ maxLength: 4000 }),
    x: Type.Number(),
    y: Type.Number(),
    width: Type.Number(),
    height: Type.Number(),
    /** Yellow when absent. */
    color: Type.Optional(LayoutColor),
  },
  { additionalProperties: false },
);
export type FlowNote = Static<typeof FlowNote>;

/** A named frame around nodes, each in one group at most; folded, they are drawn as one card. */
export const FlowGroup = Type.Object(
  {
    id: Id,
    title: Type.String({ maxLength: 120 }),
    nodes: Type.Array(Id),
    folded: Type.Optional(Type.Boolean()),
    /** Grey when absent. */
    color: Type.Optional(LayoutColor),
  },
  { additionalProperties: false },
);
export type FlowGroup = Static<typeof FlowGroup>;

/** Where things stand on the canvas. Beside the definition, so that moving a card never makes a new version. */
export const FlowLayout = Type.Object(
  {
    nodes: Type.Record(Type.String(), Type.Object({ x: Type.Number(), y: Type.Number() }, { additionalProperties: false })),
    /** What is written on edges, by their ids. */
    edges: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object({ label: Type.String({ minLength: 1, maxLength: 120 }) }, { additionalProperties: false }),
      ),
    ),
    notes: Type.Optional(Type.Array(FlowNote)),
    groups: Type.Optional(Type.Array(FlowGroup)),
  },
  { additionalProperties: false },
);
export type FlowLayout = Static<typeof FlowLayout>;

/** A flow: a drawn graph of nodes and edges, one JSON file (`flows/*.flow.json`). */
export const Flow = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    kind: Type.Literal("flow"),
    formatVersion: Type.Literal(1),
    id: Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$" }),
    name: Type.String({ minLength: 1, maxLength: 120 }),
    description: Type.Optional(Type.String({ maxLength: 4000 })),
    owner: Type.Optional(Type.String({ maxLength: 120 })),
    tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 40 }), { uniqueItems: true })),
    /**
     * `document` (when absent): runs of one document go one after another, and an update older than one that came
     * before is superseded. `none`: they may overtake each other.
     */
    ordering: Type.Optional(Type.Enum(["document", "none"])),
    /** JSONata over the message: an integer; of what waits for a connection, higher goes first. 0 when absent. */
    priority: Type.Optional(Type.String({ minLength: 1, maxLength: 65_536 })),
    slots: Type.Array(FlowSlot),
    nodes: Type.Array(FlowNode),
    edges: Type.Array(FlowEdge),
    layout: Type.Optional(FlowLayout),
  },
  { additionalProperties: false },
);
export type Flow = Static<typeof Flow>;
