import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EffectCall } from "#nodes/plan.ts";
import type { Hint } from "#runtime/queue/hintQueues.ts";
import { readStandings } from "#runtime/store/admission.ts";
import { checkpoint } from "#runtime/store/checkpoint.ts";
import { done, effectOn, intentOn, LEASE_MS, openStore, type Store } from "#runtime/store/store.fixture.ts";
import { until } from "../../test/support/until.ts";
import type { Admission } from "./admission.ts";
import { PEEK_MS } from "./gate.ts";
import type { Performed } from "./perform.ts";
import type { Worker } from "./worker.ts";
import { workersOn } from "./workers.fixture.ts";

const WORKERS = 3;
/** What the sandbox's ERP allows at once. */
const PLACES = 5;

let store: Store;
let workers: { worker: Worker; admission: Admission; hint: (hint: Hint) => void }[] = [];
beforeEach(async () => {
  store = await openStore();
});
afterEach(async () => {
  await Promise.all(workers.map(({ worker }) => worker.stop(2_000)));
  await Promise.all(workers.map(({ admission }) => admission.close()));
  workers = [];
  await store.close();
});

const accepted: Performed = { ok: true, response: { status: 204, headers: {}, body: "" } };
const down: Performed = {
  ok: false,
  failure: { class: "transient", reason: { code: "notReached", message: "It is down." } },
  applied: "no",
};

const startWorkers = async (send: () => Promise<Performed>, workerGroup = "default"): Promise<void> => {
  const started = await workersOn(store, WORKERS, { send, workerGroup });
  workers.push(...started.map(({ hint, ...each }) => ({ ...each, hint: (given: Hint) => hint("effect", "dev", given) })));
};

const callOn = (key: string): Omit<EffectCall, "item"> => ({
  node: "erp",
  request: { method: "PUT", path: `/${key}`, query: {}, headers: {}, body: {}, timeoutMs: 1_000 },
  documentKey: key,
  effectKey: key,
  idempotency: "natural",
  read: false,
});

/** Effects that wait for the ERP; answers a hint for one of them. */
async function waiting(count: number, name = "w"): Promise<Hint> {
  let id = "";
  for (let place = 0; place < count; place++) {
    const key = `${name}${place}`;
    const first = await store.accepted(key);
    const effect = effectOn(store, key, {
      inPlace: false,
      call: JSON.stringify(callOn(key)),
      intent: intentOn(store, key),
    });
    await checkpoint(store.db, [done(first, [effect])], "w1", LEASE_MS);
    id = effect.id;
  }
  return { task: id, epoch: 0, connection: store.erp };
}

/** Until a number has stayed the same for two looks of every worker. */
async function quiet(count: () => number): Promise<void> {
  let known = -1;
  let since = 0;
  await until(
    async () => {
      if (count() !== known) since = performance.now();
      known = count();
      return performance.now() - since > 2.5 * PEEK_MS;
    },
    { timeoutMs: 20_000, what: "everything to be quiet" },
  );
}

const left = async (): Promise<number> =>
  (await store.db.selectFrom("task").select("id").where("kind", "=", "effect").where("state", "<>", "DONE").execute()).length;

describe("a connection that several workers share", () => {
  it("never has more requests under way than it allows, and one hint is enough for all that waits", async () => {
    let underWay = 0;
    let most = 0;
    await startWorkers(async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay--;
      return accepted;
    });
    const hint = await waiting(120);
    for (const { hint: give } of workers) give(hint);
    await until(async () => (await left()) === 0, { timeoutMs: 20_000, what: "all effects" });
    expect(most).toBe(PLACES);
    const standing = (await readStandings(store.db, [store.erp])).get(store.erp)?.standing;
    expect(Object.values(standing?.shares ?? {}).reduce((sum, { places }) => sum + places, 0)).toBeLessThanOrEqual(PLACES);
  }, 40_000);

  it("is probed by one request of one worker when it was down, and goes on when that is answered", async () => {
    let up = false;
    let probes = 0;
    let answerProbe = () => {};
    const asked = new Promise<void>((resolve) => {
      answerProbe = resolve;
    });
    let sent = 0;
    await startWorkers(async () => {
      sent++;
      if (!up) return down;
      probes++;
      await asked;
      return accepted;
    });
    const hint = await waiting(40);
    for (const { hint: give } of workers) give(hint);
    const standing = async () => (await readStandings(store.db, [store.erp])).get(store.erp)?.standing;
    await until(async () => (await standing())?.breaker.state === "open", { timeoutMs: 10_000, what: "an open breaker" });
    // Those that were under way when it opened have ended, and no worker begins another.
    await quiet(() => sent);
    expect(sent).toBeLessThanOrEqual(10 + 2 * PLACES);
    up = true;
    await until(async () => probes > 0, { timeoutMs: 15_000, what: "the probe" });
    // All workers have looked again, and know that one is under way.
    await until(async () => (await standing())?.breaker.state === "halfOpen", { what: "half-open" });
    await quiet(() => probes);
    expect(probes).toBe(1);
    answerProbe();
    await until(async () => (await left()) === 0, { timeoutMs: 20_000, what: "all effects" });
    expect((await standing())?.breaker.state).toBe("closed");
  }, 60_000);

  it("is left to the workers of its group", async () => {
    let sent = 0;
    await store.db.updateTable("connection").set({ worker_group: "berlin" }).where("id", "=", store.erp).execute();
    const send = async () => {
      sent++;
      return accepted;
    };
    await startWorkers(send);
    const elsewhere = workers;
    await startWorkers(send, "berlin");
    const hint = await waiting(5);
    for (const { hint: give } of elsewhere.slice(0, WORKERS)) give(hint);
    await quiet(() => sent);
    expect(sent).toBe(0);
    workers.at(-1)?.hint(hint);
    await until(async () => (await left()) === 0, { timeoutMs: 10_000, what: "all effects" });
    expect(sent).toBe(5);
  }, 30_000);
});
