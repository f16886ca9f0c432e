import type { Connector, RequestOperation } from "../connector.ts";
import type { WebhookOperation } from "../sourceOperation.ts";
import type { ConnectorContext } from "./connectorContext.ts";

/** A sound connector, for tests to break. */

export const webhook = (): WebhookOperation => ({
  kind: "source",
  transport: "webhook",
  title: "Order created",
  summary: "Starts a run.",
  verify: { type: "hmac", algorithm: "sha256", encoding: "base64", header: "x-signature", secret: "{{ secrets.hook }}" },
  dedupeKey: ["{{ headers.id }}"],
  documentKey: "{{ body.id }}",
  samples: ["order.json"],
});
export const sink = (): RequestOperation => ({
  kind: "sink",
  transport: "http",
  title: "Create order",
  summary: "Creates an order.",
  input: "canonical/order/1",
  config: { type: "object", properties: {} },
  request: { method: "POST", path: "/orders", bodyFile: "order.jsonata" },
  documentKey: "externalId",
  idempotency: { mode: "key", header: "idempotency-key" },
  samples: [],
});

export const connector = () => ({
  kind: "connector" as const,
  id: "acme",
  version: "1.0.0",
  title: "Acme",
  summary: "Orders.",
  system: "erp" as const,
  badge: { text: "Ac", color: "blue" },
  lifecycle: { state: "live" as const },
  connection: {
    type: "object",
    properties: {
      baseUrl: { type: "string" },
      account: { type: "string" },
      key: { type: "string", "x-secret": true },
      hook: { type: "string", "x-secret": true },
    },
  },
  baseUrl: "{{ config.baseUrl }}" as string | undefined,
  systemAccount: "{{ config.account }}",
  auth: { type: "apiKey", header: "x-key", value: "{{ secrets.key }}" } as Connector["auth"],
  limits: { concurrency: 2 },
  errors: [{ status: [429], class: "rateLimited" as const, message: "body.message" }] as Connector["errors"],
  operations: { orderCreated: webhook(), createOrder: sink() },
  simulator: {
    routes: [
      {
        method: "POST" as const,
        path: "/orders",
        ledger: { name: "orders", key: "body.id", write: "create" as const },
        respond: { status: 201, body: "body" },
      },
    ],
  },
});
export type Draft = ReturnType<typeof connector>;

const bad = (text: string) =>
  text.includes("(((") ? { ok: false as const, message: "Expected ).", position: text.indexOf("(((") } : undefined;
export const context: ConnectorContext = {
  checkExpression: (text) => bad(text) ?? { ok: true },
  checkTemplate: (text) => bad(text) ?? { ok: true },
  readPaths: (text) =>
    bad(text) ?? { ok: true, paths: [...text.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)].map(([, path = ""]) => path) },
  mappings: { "order.jsonata": "$" },
  samples: ["order.json"],
  schemas: ["canonical/order/1"],
};
