import type { Flow } from "#schemas/flow.ts";

/** A small flow, whose second version is risky. */
export const riskyId = "orders-to-the-web";

/** Orders that are checked and sent to a web service. */
export const risky: Flow = {
  kind: "flow",
  formatVersion: 1,
  id: riskyId,
  name: "Orders to the web",
  owner: "channels-team",
  slots: [
    { name: "shop", connector: "shopify" },
    { name: "web", connector: "http" },
  ],
  nodes: [
    { id: "orders", type: "shopify.orderCreated", name: "Orders", slot: "shop", config: {} },
    { id: "check", type: "validate", name: "Check", config: { schema: "canonical/order/1" } },
    { id: "post", type: "http.send", name: "Post", slot: "web", config: { path: "/orders", documentKey: "externalId" } },
  ],
  edges: [
    { id: "a", from: { node: "orders", port: "out" }, to: { node: "check", port: "in" } },
    { id: "b", from: { node: "check", port: "valid" }, to: { node: "post", port: "in" } },
  ],
};

/** The same, unchecked, and known by another key. */
export const unchecked = (flow: Flow): Flow => ({
  ...flow,
  nodes: flow.nodes.flatMap((node) =>
    node.id === "check" ? [] : node.id === "post" ? { ...node, config: { ...node.config, documentKey: "orderNumber" } } : node,
  ),
  edges: [{ id: "a", from: { node: "orders", port: "out" }, to: { node: "post", port: "in" } }],
});
