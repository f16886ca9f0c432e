import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import { compilePlan } from "./compilePlan.ts";
import { operationManifests } from "./connector/manifest.ts";
import { type Catalog, makeLock } from "./lock.ts";
import type { Binding, Plan, RunClock } from "./plan.ts";
import { builtInManifests } from "./registry.ts";

/** A small shop and a small ERP, for tests of evaluation. */

export const shopConnector: Connector = {
  kind: "connector",
  id: "stall",
  version: "1.0.0",
  title: "Stall",
  summary: "A shop for tests.",
  system: "marketplace",
  badge: { text: "St", color: "green" },
  lifecycle: { state: "live" },
  connection: { type: "object" },
  systemAccount: "{{ config.account }}",
  auth: { type: "none" },
  limits: { concurrency: 1 },
  errors: [],
  operations: {
    orderCreated: {
      kind: "source",
      transport: "webhook",
      title: "Order created",
      summary: "A new order.",
      verify: { type: "hmac", algorithm: "sha256", encoding: "base64", header: "X-Signature", secret: "{{ secrets.signing }}" },
      dedupeKey: ["{{ headers.'x-event-id' }}", "order-{{ body.id }}"],
      documentKey: "{{ body.id }}",
      documentVersion: "{{ body.updated_at }}",
      samples: [],
    },
  },
};

export const bookConnector: Connector = {
  ...shopConnector,
  id: "book",
  title: "Book",
  summary: "An ERP for tests.",
  system: "erp",
  connection: {
    type: "object",
    properties: {
      account: { type: "string" },
      baseUrl: { type: "string" },
      replace: { type: "string" },
      token: { type: "string", "x-secret": true },
    },
  },
  baseUrl: "{{ config.baseUrl }}",
  auth: { type: "bearer", token: "{{ secrets.token }}" },
  headers: { accept: "application/json" },
  errors: [
    { status: [400], when: "body.code = 'BUSY'", class: "rateLimited", retryAfter: "body.wait" },
    { status: [400], class: "rejected", message: "body.text & ' (' & $string(status) & ')'" },
  ],
  operations: {
    post: {
      kind: "sink",
      transport: "http",
      title: "Post",
      summary: "Posts an order.",
      config: { type: "object", properties: { series: { type: "string" } } },
      request: {
        method: "PUT",
        path: "/orders/{{ $config.series }}-{{ number }}",
        query: { replace: "{{ $connection.replace }}", empty: "{{ nothing }}" },
        headers: { "x-effect": "{{ $effectKey }}" },
        bodyFile: "post.jsonata",
      },
      documentKey: "number",
      event: "create",
      idempotency: {
        mode: "lookup",
        quietPeriodMs: 1000,
        lookup: { request: { method: "GET", path: "/orders", query: { q: "{{ number }}" } }, found: "body.orders[0]" },
      },
      errors: [{ status: [409], class: "duplicate" }],
      result: "{ 'id': body.id }",
      samples: [],
    },
    find: {
      kind: "lookup",
      transport: "http",
      title: "Find",
      summary: "Reads an order.",
      request: { method: "GET", path: "/orders/{{ number }}", timeoutMs: 1000 },
      idempotency: { mode: "none" },
      samples: [],
    },
  },
};

export const postMapping = "{ 'number': number, 'total': $addall(amounts), 'from': $source.account, 'run': $run.id }";

export const sampleCatalog: Catalog = {
  manifests: Object.fromEntries(
    [...builtInManifests, ...operationManifests(shopConnector), ...operationManifests(bookConnector)].map((manifest) => [
      manifest.type,
      manifest,
    ]),
  ),
  connectors: { stall: shopConnector, book: bookConnector },
  mappings: { "book/post.jsonata": postMapping },
};

export const sampleFlow: Flow = {
  kind: "flow",
  formatVersion: 1,
  id: "sample",
  name: "Sample",
  slots: [
    { name: "shop", connector: "stall" },
    { name: "erp", connector: "book" },
  ],
  nodes: [
    { id: "orders", type: "stall.orderCreated", slot: "shop" },
    { id: "shape", type: "map", config: { expression: "{ 'number': $string(id), 'amounts': amounts, 'paid': paid }" } },
    { id: "route", type: "switch", config: { cases: [{ port: "paid", when: "paid = true" }] } },
    { id: "erp", type: "book.post", slot: "erp", config: { series: "A/1", attach: "answer" } },
    { id: "after", type: "map", config: { expression: "answer.id" } },
    { id: "read", type: "book.find", slot: "erp" },
  ],
  edges: [
    { id: "e1", from: { node: "orders", port: "out" }, to: { node: "shape", port: "in" } },
    { id: "e2", from: { node: "shape", port: "out" }, to: { node: "route", port: "in" } },
    { id: "e3", from: { node: "route", port: "paid" }, to: { node: "erp", port: "in" } },
    { id: "e4", from: { node: "route", port: "otherwise" }, to: { node: "read", port: "in" } },
    { id: "e5", from: { node: "erp", port: "out" }, to: { node: "after", port: "in" } },
  ],
};

export const sampleBindings: Record<string, Binding> = {
  shop: { connectionId: "c1", connector: "stall", account: "stall-1", config: {} },
  erp: { connectionId: "c2", connector: "book", account: "book/1", config: { replace: "all" } },
};

export const sampleClock: RunClock = { runId: "run-1", now: "2026-03-01T12:00:00.000Z", seed: "seed-1", sourceNode: "orders" };

export const samplePlan = (flow: Flow = sampleFlow): Plan =>
  compilePlan({ environment: "dev", flow, lock: makeLock(flow, sampleCatalog), bindings: sampleBindings });
