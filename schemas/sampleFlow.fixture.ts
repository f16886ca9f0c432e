import type { Flow } from "./flow.ts";
import type { NodeManifest } from "./manifest.ts";

/** A small valid flow and the manifests it needs, for tests. */

const manifest = (
  type: string,
  kind: NodeManifest["kind"],
  outputs: string[],
  rest: Partial<NodeManifest> = {},
): NodeManifest => ({
  type,
  version: "1.0.0",
  title: type,
  summary: `Does ${type}.`,
  category: kind === "source" ? "source" : kind === "effect" ? "sink" : "transform",
  kind,
  icon: "box",
  keywords: [],
  inputs: kind === "source" ? [] : [{ name: "in", title: "In" }],
  outputs: outputs.map((name) => ({ name, title: name })),
  config: { type: "object", additionalProperties: false, properties: {} },
  ...rest,
});

const expression = { type: "string", "x-widget": "jsonata", minLength: 1 };

export const manifests: Record<string, NodeManifest> = {
  "shop.orderCreated": manifest("shop.orderCreated", "source", ["out"], { connector: "shop", operation: "orderCreated" }),
  map: manifest("map", "pure", ["out"], {
    config: {
      type: "object",
      additionalProperties: false,
      required: ["expression"],
      properties: { expression },
    },
  }),
  validate: manifest("validate", "pure", ["valid"], {
    config: {
      type: "object",
      additionalProperties: false,
      required: ["schema"],
      properties: { schema: { type: "string", "x-widget": "canonicalSchema" } },
    },
  }),
  switch: manifest("switch", "pure", ["otherwise"], {
    outputsFrom: "cases",
    config: {
      type: "object",
      additionalProperties: false,
      required: ["cases"],
      properties: {
        cases: {
          type: "array",
          minItems: 1,
          items: {
            type: "object",
            additionalProperties: false,
            required: ["port", "when"],
            properties: { port: { type: "string", minLength: 1 }, when: expression },
          },
        },
      },
    },
  }),
  "erp.upsertOrder": manifest("erp.upsertOrder", "effect", ["out", "result"], {
    connector: "erp",
    operation: "upsertOrder",
    effect: { idempotency: "natural", read: false },
    config: { type: "object", additionalProperties: false, properties: { subsidiary: { type: "string" } } },
  }),
};

const open = (properties: Record<string, unknown> = {}) => ({ config: { type: "object", properties } });
const twoInputs = { inputs: ["in", "message"].map((name) => ({ name, title: name })) };

/** Types of control nodes and starts, as far as checks look at them. */
export const controlManifests: Record<string, NodeManifest> = {
  split: manifest("split", "control", ["item"], open({ items: expression })),
  join: manifest("join", "control", ["out", "incomplete"], open({ split: { type: "string" } })),
  delay: manifest("delay", "control", ["out"], {
    config: {
      type: "object",
      properties: { seconds: { type: "number" }, until: expression },
      oneOf: [{ required: ["seconds"] }, { required: ["until"] }],
    },
  }),
  wait: manifest("wait", "control", ["out", "timeout", "unmatched"], { ...open({ key: expression }), ...twoInputs }),
  batch: manifest("batch", "control", ["out"], open()),
  "sub-flow": manifest("sub-flow", "control", ["out"], open({ flow: { type: "string" } })),
  respond: manifest("respond", "control", [], open()),
  "sub-flow-input": manifest("sub-flow-input", "source", ["out"]),
  "exception-route": manifest("exception-route", "control", ["out"], { ...open({ classes: { type: "array" } }), inputs: [] }),
};

/** orders -> canonical -> invariants -> route -> (ship, otherwise) erp. A fresh copy each time. */
export const validFlow = (): Flow => ({
  kind: "flow",
  formatVersion: 1,
  id: "orders-to-erp",
  name: "Orders to ERP",
  tags: ["orders"],
  slots: [
    { name: "shop", connector: "shop" },
    { name: "erp", connector: "erp" },
  ],
  nodes: [
    { id: "orders", type: "shop.orderCreated", slot: "shop" },
    { id: "canonical", type: "map", config: { expression: '{ "id": id }' } },
    { id: "invariants", type: "validate", config: { schema: "canonical/order/1" } },
    { id: "route", type: "switch", config: { cases: [{ port: "ship", when: "lines.shippable" }] } },
    { id: "erp", type: "erp.upsertOrder", slot: "erp", config: { subsidiary: "1" }, retry: { attempts: 3 } },
    { id: "review", type: "map", config: { expression: "$" } },
  ],
  edges: [
    { id: "e1", from: { node: "orders", port: "out" }, to: { node: "canonical", port: "in" } },
    { id: "e2", from: { node: "canonical", port: "out" }, to: { node: "invariants", port: "in" } },
    { id: "e3", from: { node: "invariants", port: "valid" }, to: { node: "route", port: "in" } },
    { id: "e4", from: { node: "route", port: "ship" }, to: { node: "erp", port: "in" } },
    { id: "e5", from: { node: "route", port: "otherwise" }, to: { node: "review", port: "in" } },
  ],
  layout: { nodes: { orders: { x: 0, y: 0 } } },
});
