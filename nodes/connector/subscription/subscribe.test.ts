import { describe, expect, it } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import type { Subscription } from "#schemas/subscription.ts";
import { type SubscriptionJob, subscribe } from "./subscribe.ts";

const subscription: Subscription = {
  topics: "$config.topics",
  list: { method: "GET", path: "/webhooks", query: { page: "{{ $page }}" } },
  page: { type: "number", first: 1, size: 2, most: 10 },
  found: "body.items",
  id: "id",
  address: "url",
  topic: "topic",
  current: "state = 'on'",
  expiresAt: "ends",
  create: { method: "POST", path: "/webhooks", body: "{ 'url': $address, 'topic': $topic, 'name': $name }" },
  renew: { method: "PUT", path: "/webhooks/{{ id }}", headers: { "if-match": "{{ etag }}" }, body: "{ 'url': $address }" },
  delete: { method: "DELETE", path: "/webhooks/{{ id }}" },
};
const connector: Connector = {
  kind: "connector",
  id: "acme",
  version: "1.0.0",
  title: "Acme",
  summary: "",
  system: "erp",
  badge: { text: "Ac", color: "blue" },
  lifecycle: { state: "live" },
  connection: {},
  baseUrl: "{{ config.baseUrl }}",
  systemAccount: "a",
  auth: { type: "none" },
  limits: { concurrency: 1 },
  headers: { accept: "application/json" },
  errors: [{ status: [400], class: "rejected", message: "body.why" }],
  operations: {},
};
const subscriber = {
  connector,
  type: "acme.orderCreated",
  subscription,
  config: { topics: ["order.created", "order.updated"] },
  connection: { baseUrl: "https://acme.example.com" },
  address: "https://flows.example.com/hooks/dev/orders/shop",
  name: "Orderloom dev orders shop",
  now: "2026-03-01T12:00:00.000Z",
};
type Want = SubscriptionJob extends infer Job
  ? Job extends SubscriptionJob
    ? Omit<Job, keyof typeof subscriber>
    : never
  : never;
const ask = (want: Want) => subscribe({ ...subscriber, ...want } as SubscriptionJob);
const answered = (status: number, body: unknown) => ({ status, headers: {}, body: JSON.stringify(body) });

describe("the requests about subscriptions", () => {
  it("are made of address, topic and what the system gave", async () => {
    expect(await ask({ want: "topics" })).toEqual({ ok: true, topics: ["order.created", "order.updated"] });
    expect(await ask({ want: "list", page: null })).toMatchObject({ request: { method: "GET", query: { page: "1" } } });
    expect(await ask({ want: "create", topic: "order.created" })).toMatchObject({
      request: {
        path: "/webhooks",
        headers: { accept: "application/json" },
        body: { url: subscriber.address, topic: "order.created", name: subscriber.name },
      },
    });
    const given = { id: 7, etag: 'W/"1"' };
    expect(await ask({ want: "renew", given })).toMatchObject({
      request: { path: "/webhooks/7", headers: { "if-match": 'W/"1"' } },
    });
    expect(await ask({ want: "delete", given })).toMatchObject({ request: { method: "DELETE", path: "/webhooks/7" } });
  });

  it("are one, of no topic, where the connector names none", async () => {
    const { topics: _, ...plain } = subscription;
    expect(await subscribe({ ...subscriber, subscription: plain, want: "topics" })).toEqual({ ok: true, topics: [""] });
  });

  it("never address the whole collection for want of an id", async () => {
    expect(await ask({ want: "delete", given: {} })).toMatchObject({ ok: false, class: "bug", reason: { code: "request.path" } });
  });
});

describe("an answer about subscriptions", () => {
  const items = [
    { id: 1, url: "https://a.example.com", topic: "order.created", state: "on", ends: "2026-03-04T12:00:00Z" },
    { id: "2", url: "https://b.example.com", topic: "order.updated", state: "held" },
  ];

  it("gives what stands, page by page", async () => {
    const read = await ask({ want: "found", page: null, response: answered(200, { items }) });
    expect(read).toMatchObject({ ok: true, next: 2 });
    expect(read.ok && "found" in read && read.found).toMatchObject([
      { id: "1", topic: "order.created", current: true, expiresAt: Date.parse("2026-03-04T12:00:00Z"), given: items[0] },
      { id: "2", topic: "order.updated", current: false, expiresAt: null },
    ]);
    const last = await ask({ want: "found", page: 2, response: answered(200, { items: [] }) });
    expect(last).toMatchObject({ ok: true, found: [], next: null });
  });

  it("is no list of none where it is a page for people, an error or without ids", async () => {
    const page = { status: 200, headers: {}, body: "<html>" };
    expect(await ask({ want: "found", page: null, response: page })).toMatchObject({ ok: false, class: "transient" });
    const refused = answered(400, { why: "No such shop." });
    expect(await ask({ want: "found", page: null, response: refused })).toMatchObject({
      class: "rejected",
      reason: { message: "No such shop." },
    });
    const nameless = answered(200, { items: [{ url: "https://a.example.com" }] });
    expect(await ask({ want: "found", page: null, response: nameless })).toMatchObject({ reason: { code: "subscription.noId" } });
  });

  it("tells of one that was made as much as it says", async () => {
    expect(await ask({ want: "made", response: answered(201, { id: 9, ends: 5 }) })).toEqual({
      ok: true,
      made: { id: "9", expiresAt: 5 },
    });
    expect(await ask({ want: "made", response: answered(201, null) })).toEqual({ ok: true, made: { id: null, expiresAt: null } });
    expect(await ask({ want: "made", response: answered(503, {}) })).toMatchObject({ ok: false, class: "transient" });
  });

  it("is as good where there was nothing to delete", async () => {
    for (const status of [200, 204, 404, 410]) {
      expect(await ask({ want: "gone", response: answered(status, {}) })).toEqual({ ok: true, gone: true });
    }
    expect(await ask({ want: "gone", response: answered(400, { why: "Locked." }) })).toMatchObject({
      ok: false,
      class: "rejected",
    });
  });
});
