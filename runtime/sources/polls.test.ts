import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import type { EffectCall } from "#nodes/plan.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { type Admission, openAdmission } from "#runtime/engine/admission.ts";
import { clockWatch } from "#runtime/engine/clockWatch.ts";
import { deployments } from "#runtime/engine/deployments.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { Performed } from "#runtime/engine/perform.ts";
import { startWorker, type Worker } from "#runtime/engine/worker.ts";
import type { Hint } from "#runtime/queue/hintQueues.ts";
import { quietQueues } from "#runtime/queue/quietQueues.fixture.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { readSettings } from "#runtime/settings.ts";
import { readStandings } from "#runtime/store/admission.ts";
import { checkpoint } from "#runtime/store/checkpoint.ts";
import { putDeployment } from "#runtime/store/deployments.ts";
import { createFlow, publishVersion, readVersion } from "#runtime/store/flows.ts";
import { done, effectOn, intentOn, LEASE_MS, openStore, type Store } from "#runtime/store/store.fixture.ts";
import { chain } from "../../test/support/deploy.ts";
import { until } from "../../test/support/until.ts";
import { startPolls } from "./polls.ts";

const request = { method: "GET", path: "/orders.json", query: {}, headers: {}, timeoutMs: 1_000 };

let store: Store;
let shop: string;
let started: { worker: Worker; admission: Admission }[] = [];
beforeEach(async () => {
  store = await openStore();
  const found = await store.db.selectFrom("connection").select("id").where("connector", "=", "shopify").executeTakeFirstOrThrow();
  shop = found.id;
});
afterEach(async () => {
  await Promise.all(started.map(({ worker }) => worker.stop(2_000)));
  await Promise.all(started.map(({ admission }) => admission.close()));
  started = [];
  await store.close();
});

/** A worker that polls, as in a process of its own. Every page but the last of `pages` has one that follows. */
async function work(send: (path: string) => Promise<Performed>, pages = 1): Promise<(hint: Hint) => void> {
  let take: ((hint: Hint) => Promise<void>) | undefined;
  const settings = { ...readSettings({}), sweepMs: 50, breaker: { failures: 10, openMs: 1_000, mostOpenMs: 1_000 } };
  const admission = openAdmission(store.db, settings, (error) => console.error(error));
  const parts: EngineParts = {
    settings,
    db: store.db,
    hotDb: store.db,
    box: store.box,
    deployments: deployments(store.db, store.box),
    log: pino({ level: "silent" }),
    admission,
    clock: clockWatch(settings.leaseMs),
    reaches: openReaches([]),
    http: { perform: async (_connector, _connection, { path }) => send(path) },
    evaluators: {
      segment: async () => ({ result: { ok: true, effects: [], controls: [], edges: [] }, hash: "h" }),
      answer: async () => ({ ok: true, found: true, result: { id: 1 }, outputs: {} }),
      poll: async (_plan, { want, at }) => {
        const page = Number(at.page ?? 1);
        if (want === "request") return { ok: true, request };
        return { ok: true, page: { records: [], next: page < pages ? page + 1 : null, watermark: null } };
      },
      numbered: () => Promise.reject(new Error("Nothing is numbered here.")),
      subscription: () => Promise.reject(new Error("Nothing subscribes here.")),
      expression: () => Promise.reject(new Error("Nothing is signed here.")),
      close: async () => {},
    },
    queues: quietQueues(async (queue, _scope, _concurrency, handler) => {
      if (queue === "effect") take = handler;
      return { close: async () => {} };
    }),
  };
  started.push({ worker: await startWorker(parts, ["dev"], startPolls(parts)), admission });
  return (hint) => void take?.(hint);
}

/** A flow that polls the shop. */
async function polling(id: string): Promise<void> {
  const { catalog } = await builtCatalog();
  const source = { id: "orders", type: "shopify.ordersUpdated", slot: "shop", config: { everySeconds: 60 } };
  const flow = chain(id, [source], [{ name: "shop", connector: "shopify" }]);
  await createFlow(store.db, flow, "test");
  await publishVersion(store.db, flow, makeLock(flow, catalog), "", "test");
  const version = await readVersion(store.db, id, "latest");
  if (!version) throw new Error("The flow was published and is not there.");
  await putDeployment(store.db, "dev", id, { version, slots: { shop }, state: "active" }, "test");
}

/** Effects that wait for the shop; answers a hint for one of them. */
async function effects(count: number): Promise<Hint> {
  let id = "";
  for (let place = 0; place < count; place++) {
    const key = `w${place}`;
    const call: Omit<EffectCall, "item"> = {
      node: "erp",
      request: { ...request, method: "PUT", path: `/${key}` },
      documentKey: key,
      effectKey: key,
      idempotency: "natural",
      read: false,
    };
    const intent = intentOn(store, key, { connectionId: shop });
    const task = effectOn(store, key, { inPlace: false, connectionId: shop, call: JSON.stringify(call), intent });
    await checkpoint(store.db, [done(await store.accepted(key), [task])], "w1", LEASE_MS);
    id = task.id;
  }
  return { task: id, epoch: 0, connection: shop };
}

const places = (count: number) => store.db.updateTable("connection").set({ concurrency: count }).where("id", "=", shop).execute();

const good: Performed = { ok: true, response: { status: 200, headers: {}, body: "{}" } };

it("pages and effects that wait for the same place take turns, and neither starves", async () => {
  await places(1);
  const hint = await effects(30);
  await polling("first");
  const sent: string[] = [];
  let underWay = 0;
  let most = 0;
  const give = await work(async (path) => {
    most = Math.max(most, ++underWay);
    sent.push(path === request.path ? "page" : "effect");
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay--;
    return good;
  }, 30);
  give(hint);
  await until(() => sent.length === 60, { timeoutMs: 20_000, what: "all pages and effects" });
  expect(most).toBe(1);
  // From the first moment at which both wait: of any ten requests in a row about half are of each kind.
  const both = sent.slice(sent.indexOf("page"), Math.min(sent.lastIndexOf("page"), sent.lastIndexOf("effect")));
  expect(both.length).toBeGreaterThan(40);
  for (let at = 0; at + 10 <= both.length; at++) {
    const count = both.slice(at, at + 10).filter((kind) => kind === "page").length;
    expect(count).toBeGreaterThanOrEqual(4);
    expect(count).toBeLessThanOrEqual(6);
  }
}, 30_000);

it("polls of several workers never have more requests under way than the connection allows", async () => {
  await places(2);
  for (const id of ["one", "two", "three", "four"]) await polling(id);
  let underWay = 0;
  let most = 0;
  let sent = 0;
  const send = async () => {
    sent++;
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 20));
    underWay--;
    return good;
  };
  await Promise.all([work(send, 10), work(send, 10), work(send, 10)]);
  await until(() => sent === 40, { timeoutMs: 20_000, what: "all pages" });
  expect(most).toBe(2);
}, 30_000);

it("a poll that nobody answers opens the breaker, is left alone, and its probe closes it again", async () => {
  let up = false;
  let sent = 0;
  for (let count = 0; count < 10; count++) await polling(`down-${count}`);
  await work(async () => {
    sent++;
    const reason = { code: "notReached", message: "It is down." };
    return up ? good : { ok: false, failure: { class: "transient", reason }, applied: "no" };
  });
  const breaker = async () => (await readStandings(store.db, [shop])).get(shop)?.standing.breaker;
  await until(async () => (await breaker())?.state === "open", { timeoutMs: 20_000, what: "an open breaker" });
  const failures = sent;
  up = true;
  await store.db
    .updateTable("source_binding")
    .set({ due_at: new Date(0) })
    .where("transport", "=", "poll")
    .execute();
  await until(async () => (await breaker())?.state === "closed", { timeoutMs: 20_000, what: "a closed breaker" });
  await until(() => sent === failures + 10, { timeoutMs: 20_000, what: "every poll's page" });
}, 30_000);
