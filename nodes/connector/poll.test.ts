import { describe, expect, it } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import type { PollOperation } from "#schemas/sourceOperation.ts";
import { compilePlan } from "../compilePlan.ts";
import { makeLock } from "../lock.ts";
import { builtInManifests } from "../registry.ts";
import { bookConnector } from "../sample.fixture.ts";
import { operationManifests } from "./manifest.ts";
import { type PollPosition, poll } from "./poll.ts";

const operation: PollOperation = {
  kind: "source",
  transport: "poll",
  title: "Orders",
  summary: "New orders.",
  config: { type: "object", properties: { status: { type: "string" } } },
  request: {
    method: "GET",
    path: "/orders",
    query: {
      since: "{{ $exists($page) ? '' : $since }}",
      page: "{{ $page }}",
      status: "{{ $config.status }}",
      shop: "{{ $connection.account }}",
    },
  },
  records: "body.orders",
  page: { next: "body.next", most: 100 },
  delta: { field: "updated", overlapMs: 60_000, lookBackMs: 3_600_000 },
  dedupeKey: "id",
  version: "updated",
  documentKey: "id",
  documentVersion: "updated",
  intervalMs: 60_000,
  errors: [{ status: [420], class: "rateLimited", message: "'slow down'" }],
  samples: [],
};

const at: PollPosition = {
  now: "2026-11-24T10:00:00.000Z",
  since: "2026-11-24T09:00:00.000Z",
  until: "2026-11-24T10:00:00.000Z",
  cursor: null,
  page: null,
};

function pollWith(change: Partial<PollOperation> = {}) {
  const connector: Connector = { ...bookConnector, operations: { orders: { ...operation, ...change } } };
  const manifests = [...builtInManifests, ...operationManifests(connector)];
  const flow: Flow = {
    kind: "flow",
    formatVersion: 1,
    id: "orders",
    name: "Orders",
    slots: [{ name: "book", connector: "book" }],
    nodes: [{ id: "source", type: "book.orders", slot: "book", config: { status: "open" } }],
    edges: [],
  };
  const catalog = {
    manifests: Object.fromEntries(manifests.map((each) => [each.type, each])),
    connectors: { book: connector },
    mappings: {},
  };
  const binding = {
    connectionId: "c",
    connector: "book",
    account: "a",
    config: { account: "shop-1", baseUrl: "https://book.example" },
  };
  const plan = compilePlan({ environment: "dev", flow, lock: makeLock(flow, catalog), bindings: { book: binding } });
  return {
    request: (position: Partial<PollPosition> = {}) =>
      poll(plan, { planKey: plan.key, node: "source", want: "request", at: { ...at, ...position } }),
    acknowledge: (records: unknown[]) => poll(plan, { planKey: plan.key, node: "source", want: "acknowledge", records, at }),
    page: (body: unknown, status = 200, headers: Record<string, string> = {}) =>
      poll(plan, {
        planKey: plan.key,
        node: "source",
        want: "page",
        at,
        response: { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) },
      }),
  };
}

describe("the request of a page", () => {
  it("has the window on the first page, and the system's own token alone on the next", async () => {
    const { request } = pollWith();
    const first = { since: at.since, status: "open", shop: "shop-1" };
    expect(await request()).toMatchObject({ ok: true, request: { method: "GET", path: "/orders", query: first } });
    expect(await request({ page: "p2" })).toMatchObject({
      request: { query: { page: "p2", status: "open", shop: "shop-1" } },
    });
  });
});

describe("pages that a system gives as addresses, or that are counted", () => {
  const full = { orders: [{ id: 1 }, { id: 2 }], next: "?cursor=a&cursor=b" };

  it("are followed below the connection's address alone", async () => {
    const { request } = pollWith({ page: { type: "url", next: "body.next", most: 9 } });
    expect(await request({ page: "?cursor=a&cursor=b" })).toMatchObject({
      request: { path: "/orders?cursor=a&cursor=b", query: {} },
    });
    expect(await request({ page: "https://evil.example/orders" })).toMatchObject({
      ok: false,
      class: "bug",
      reason: { code: "poll.pageElsewhere" },
    });
  });

  it("end with the header, or with a page that is not full", async () => {
    const link = pollWith({ page: { type: "link", most: 9 } });
    expect(await link.page(full, 200, { link: '</orders?page=2>; rel="next"' })).toMatchObject({
      page: { next: "/orders?page=2" },
    });
    expect(await link.page(full)).toMatchObject({ page: { next: null } });
    const counted = pollWith({ page: { type: "number", first: 1, size: 2, most: 9 } });
    expect(await counted.request()).toMatchObject({ request: { query: { page: "1" } } });
    expect(await counted.page(full)).toMatchObject({ page: { next: 2 } });
    expect(await counted.page({ orders: [{ id: 1 }] })).toMatchObject({ page: { next: null } });
  });
});

describe("records that are not wanted", () => {
  it("are passed over, and count for the paging", async () => {
    const { page } = pollWith({ page: { type: "offset", size: 2, most: 9 }, wanted: "id > 1" });
    const read = await page({ orders: [{ id: 1 }, { id: 2 }] });
    expect(read).toMatchObject({ page: { records: [{ passedOver: true }, { body: { id: 2 } }], next: 1 } });
    if (read.ok && "page" in read) expect(read.page.records[1]).not.toHaveProperty("passedOver");
  });

  it("are never guessed: where it cannot be told, the poll stops and says where", async () => {
    const { page } = pollWith({ wanted: "$uppercase(id) = 'A'" });
    expect(await page({ orders: [{ id: 1 }] })).toMatchObject({
      ok: false,
      class: "bug",
      reason: { message: expect.stringContaining("wanted") },
    });
  });
});

describe("a page", () => {
  it("of a system that throttles under status 200 is asked for later", async () => {
    const errors: PollOperation["errors"] = [{ when: "body.code = 'THROTTLED'", class: "rateLimited", retryAfter: "3" }];
    expect(await pollWith({ errors }).page({ code: "THROTTLED" })).toMatchObject({ class: "rateLimited", retryAfterMs: 3_000 });
  });

  it("is read in the format that the operation declares", async () => {
    const { page, request } = pollWith({
      decode: { packed: "gzip", charset: "windows-1252", format: { type: "tsv" } },
      records: "body",
    });
    expect(await request()).toMatchObject({ request: { decode: { packed: "gzip", charset: "windows-1252" } } });
    expect(await page("id\tupdated\n007\tnow\n")).toMatchObject({
      ok: true,
      page: { records: [{ body: { id: "007", updated: "now" }, documentKey: "007" }] },
    });
    expect(await page("id\tupdated\n007\n")).toMatchObject({ ok: false, class: "transient", reason: { code: "answer.format" } });
  });

  it("gives its records with their keys, and what the next is asked for with", async () => {
    const orders = [
      { id: "820982911946154508", updated: "2026-11-24T09:30:00+01:00" },
      { id: 7, updated: "2026-11-24T09:00:00Z" },
    ];
    const result = await pollWith().page(`{"orders":[{"id":820982911946154508,"updated":"2026-11-24T09:30:00+01:00"},
      {"id":7,"updated":"2026-11-24T09:00:00Z"}],"next":"p2"}`);
    expect(result).toMatchObject({
      ok: true,
      page: {
        next: "p2",
        watermark: null,
        records: [
          {
            body: orders[0],
            dedupeKey: '["820982911946154508","2026-11-24T09:30:00+01:00"]',
            documentKey: "820982911946154508",
            documentVersion: "2026-11-24T09:30:00+01:00",
            changedAt: "2026-11-24T08:30:00.000Z",
          },
          { body: orders[1], dedupeKey: '["7","2026-11-24T09:00:00Z"]', documentKey: "7" },
        ],
      },
    });
  });

  it("is the last when there is no next, and may be empty", async () => {
    expect(await pollWith().page({ orders: [] })).toEqual({ ok: true, page: { records: [], next: null, watermark: null } });
  });

  it("knows a record that lacks its version by what is in it, so that a change is never taken for a repetition", async () => {
    const keys = async (body: object) => {
      const result = await pollWith().page({ orders: [body] });
      return result.ok && "page" in result ? result.page.records[0]?.dedupeKey : undefined;
    };
    expect(await keys({ id: 1, a: 1, b: 2 })).toBe(await keys({ b: 2, id: 1, a: 1 }));
    expect(await keys({ id: 1, a: 1 })).not.toBe(await keys({ id: 1, a: 2 }));
    expect(await keys({ a: 1 })).not.toBe(await keys({ a: 2 }));
  });

  it("is not stopped by one record whose keys cannot be read", async () => {
    const result = await pollWith({ documentKey: "$toMillis(updated)" }).page({
      orders: [{ id: 1, updated: "soon" }, { id: 2 }],
    });
    expect(result).toMatchObject({
      ok: true,
      page: { records: [{ documentKey: null, changedAt: null }, { documentKey: null }] },
    });
  });

  it.each<[string, Partial<PollOperation>, unknown, string | null]>([
    ["seconds", { unit: "s" } as never, 1_764_000_000, "2025-11-24T16:00:00.000Z"],
    ["milliseconds", {}, 1_764_000_000_000, "2025-11-24T16:00:00.000Z"],
    ["nothing", {}, true, null],
  ])("reads a change time in %s", async (_what, unit, updated, expected) => {
    const delta = { field: "updated", overlapMs: 0, lookBackMs: 0, ...(unit as object) };
    expect(await pollWith({ delta }).page({ orders: [{ id: 1, updated }] })).toMatchObject({
      page: { records: [{ changedAt: expected }] },
    });
  });

  it("takes the system's own word for how far it is complete", async () => {
    const delta = { field: "updated", watermark: "body.lastUpdatedBefore", overlapMs: 0, lookBackMs: 0 };
    const result = await pollWith({ delta }).page({ orders: [], lastUpdatedBefore: "2026-11-24T09:58:00Z" });
    expect(result).toMatchObject({ page: { watermark: "2026-11-24T09:58:00.000Z" } });
  });
});

describe("an answer that is no page", () => {
  it.each<[string, unknown, number, Record<string, string>, object]>([
    ["a rule of the operation", {}, 420, { "retry-after": "7" }, { class: "rateLimited", retryAfterMs: 7000 }],
    ["a rule of the connector", { code: "BUSY", wait: 3 }, 400, {}, { class: "rateLimited", retryAfterMs: 3000 }],
    ["refused credentials", {}, 401, {}, { class: "auth" }],
    ["a server that is down", "", 503, {}, { class: "transient" }],
    ["a page for people", "<html>Back soon</html>", 200, {}, { class: "transient", reason: { code: "poll.noJson" } }],
  ])("is classed: %s", async (_what, body, status, headers, expected) => {
    expect(await pollWith().page(body, status, headers)).toMatchObject({ ok: false, ...expected });
  });

  it("says which expression of the connector is at fault", async () => {
    expect(await pollWith({ records: "$toMillis(body.orders)" }).page({ orders: "x" })).toMatchObject({
      ok: false,
      class: "bug",
      reason: { code: "expression.failed", path: "/records" },
    });
  });

  it("under a good status is known by the operation's rule of success, as GraphQL needs it", async () => {
    const throttled = { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] };
    const errors = [{ when: "body.errors[0].extensions.code = 'THROTTLED'", class: "rateLimited" as const }];
    expect(await pollWith({ success: "$not($exists(body.errors))", errors }).page(throttled)).toMatchObject({
      ok: false,
      class: "rateLimited",
    });
  });
});

describe("a queue", () => {
  const queue = pollWith({
    records: "body.messages",
    jsonIn: "text",
    dedupeKey: "text.id",
    documentKey: "text.id",
    acknowledge: { method: "POST", path: "/delete", body: "{ 'handles': [records.handle] }" },
  });

  it("has documents as text, which are read without a loss; what is none stays text", async () => {
    const messages = [
      { handle: "h1", text: '{"id":820982911946154508}' },
      { handle: "h2", text: "{" },
    ];
    const result = await queue.page({ messages });
    expect(result).toMatchObject({
      ok: true,
      page: { records: [{ documentKey: "820982911946154508", body: { handle: "h1" } }, { body: { handle: "h2", text: "{" } }] },
    });
  });

  it("is told what was taken out of it", async () => {
    const records = [{ handle: "h1" }, { handle: "h2" }];
    expect(await queue.acknowledge(records)).toMatchObject({
      ok: true,
      request: { method: "POST", path: "/delete", body: { handles: ["h1", "h2"] } },
    });
  });
});
