import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EffectCall, SegmentResult } from "#nodes/plan.ts";
import { EvaluatorDied, EvaluatorsAway } from "#runtime/evaluate/pool.ts";
import type { Hint } from "#runtime/queue/hintQueues.ts";
import { quietQueues } from "#runtime/queue/quietQueues.fixture.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { readSettings, type Settings } from "#runtime/settings.ts";
import { insertAccepted } from "#runtime/store/accept.ts";
import { checkpoint } from "#runtime/store/checkpoint.ts";
import { setConnectionState } from "#runtime/store/connections.ts";
import { done, effectOn, intentOn, LEASE_MS, openStore, type Store } from "#runtime/store/store.fixture.ts";
import { type ClaimedTask, reclaimExpired } from "#runtime/store/tasks.ts";
import { until } from "../../test/support/until.ts";
import { freePermit } from "./admission.fixture.ts";
import { type Admission, openAdmission } from "./admission.ts";
import { type ClockWatch, clockWatch } from "./clockWatch.ts";
import { deployments } from "./deployments.ts";
import { performTask } from "./effectTask.ts";
import { moment } from "./moment.ts";
import type { EngineParts } from "./parts.ts";
import type { Late, Performed } from "./perform.ts";
import { traceRun } from "./trace.ts";
import { startWorker, type Worker } from "./worker.ts";
import { evaluatorsOf } from "./workers.fixture.ts";

let store: Store;
let worker: Worker | undefined;
let admissions: Admission[] = [];
beforeEach(async () => {
  store = await openStore();
});
afterEach(async () => {
  await worker?.stop(0);
  worker = undefined;
  await Promise.all(admissions.map((each) => each.close()));
  admissions = [];
  await store.close();
});

const accepted: Performed = { ok: true, response: { status: 204, headers: {}, body: "" } };

/** The call of an order's sales order. */
const callOn = (key: string, node = "erp"): EffectCall => ({
  node,
  item: {},
  request: { method: "PUT", path: "/x", query: {}, headers: {}, body: {}, timeoutMs: 1_000 },
  documentKey: key,
  effectKey: key,
  idempotency: "natural",
  read: false,
});

interface World {
  segment: (document: string) => Promise<SegmentResult>;
  send: (late?: Late) => Promise<Performed>;
}

/** Everything real but the queue, the evaluators and the target. */
function partsOf({ segment, send }: World, settings: Partial<Settings> = {}) {
  const handlers: ((hint: Hint) => Promise<void>)[] = [];
  const sent: string[] = [];
  const parts = {
    settings: { ...readSettings({}), ...settings },
    db: store.db,
    hotDb: store.db,
    clock: clockWatch(LEASE_MS),
    box: store.box,
    deployments: deployments(store.db, store.box),
    log: pino({ level: "silent" }),
    http: {
      perform: async (_connector, _connection, _request, late) => {
        sent.push("request");
        return send(late);
      },
    },
    evaluators: evaluatorsOf(async (_plan, job) => ({ result: await segment((job.item as { id: string }).id), hash: "h" })),
    queues: quietQueues(async (_queue, _scope, _concurrency, handler) => {
      const running = new Set<Promise<void>>();
      handlers.push((hint) => {
        const work = handler(hint);
        running.add(work);
        return work.finally(() => running.delete(work));
      });
      // As the real one: it has left when its handlers have ended.
      return { close: async () => void (await Promise.all(running)) };
    }),
    reaches: openReaches([]),
    admission: openAdmission(store.db, { ...readSettings({}), ...settings }, () => undefined),
  } satisfies EngineParts;
  admissions.push(parts.admission);
  return {
    parts,
    sent,
    hint: (task: string, connection?: string) => handlers[0]?.({ task, epoch: 0, ...(connection ? { connection } : {}) }),
  };
}

async function accept(document: string): Promise<{ task: string; run: string }> {
  const [one] = await insertAccepted(store.db, [store.acceptable(document)]);
  return { task: one?.taskId ?? "", run: one?.runId ?? "" };
}

/** An effect task that is claimed and whose intent stands, as its worker has it after a checkpoint. */
async function intended(document: string): Promise<ClaimedTask> {
  const first = await store.accepted(document);
  const { item, ...call } = callOn(document);
  const effect = effectOn(store, document, {
    input: JSON.stringify(item),
    call: JSON.stringify(call),
    intent: intentOn(store, document, { mode: "none" }),
  });
  await checkpoint(store.db, [done(first, [effect])], "w1", LEASE_MS);
  return { ...first, ...effect, epoch: 1 } as ClaimedTask;
}

const longAgo = () => ({ steady: moment().steady - 10_000, wall: moment().wall - 10_000 });

const nothing = async (): Promise<SegmentResult> => ({ ok: true, effects: [], controls: [], edges: [] });

/** Performs the effect of a task whose intent was committed at that moment. */
async function run(task: ClaimedTask, parts: EngineParts, at = longAgo()) {
  const deployed = await parts.deployments.find(task.environment, task.flow);
  const connection = await parts.deployments.connection(store.erp);
  if (!deployed || !connection) throw new Error("The sandbox is not deployed.");
  return performTask(parts, task, await deployed.plan(task.versionId, null), connection, { at }, freePermit, async () => true);
}

describe("a request that needs a token", () => {
  it("does not leave once the token is there, when the task was taken away meanwhile", async () => {
    const task = await intended("awaited");
    let left = false;
    const send = async (late?: Late): Promise<Performed> => {
      await store.pass(31);
      await reclaimExpired(store.db, 10);
      await late?.();
      left = true;
      return accepted;
    };
    expect(await run(task, partsOf({ segment: nothing, send }).parts, moment())).toBeNull();
    expect(left).toBe(false);
  });

  it("has its intent written anew, so that a quiet period counts from when it leaves", async () => {
    const task = await intended("awaited");
    const before = await store.ledger("awaited");
    const send = async (late?: Late): Promise<Performed> => {
      await store.pass(10);
      await late?.();
      return accepted;
    };
    expect(await run(task, partsOf({ segment: nothing, send }).parts, moment())).toMatchObject({ end: { state: "DONE" } });
    const after = await store.ledger("awaited");
    expect(Number(after?.sent_at) - Number(before?.sent_at)).toBeGreaterThan(9_000);
  });

  it("that is refused pauses the connection with the sentence, and waits without burning an attempt", async () => {
    const task = await intended("revoked");
    const reason = { code: "token.refused", message: "NetSuite gave no token (status 400): invalid_grant." };
    const send = async (): Promise<Performed> => ({ ok: false, failure: { class: "auth", reason }, applied: "no" });
    const outcome = await run(task, partsOf({ segment: nothing, send }).parts, moment());
    expect(outcome).toMatchObject({
      end: { state: "READY", burned: false, class: "auth", reason },
      attempt: { outcome: "auth", response: null },
      settlement: { state: "REFUSED" },
    });
    const connection = await store.db.selectFrom("connection").selectAll().where("id", "=", store.erp).executeTakeFirst();
    expect(connection).toMatchObject({ state: "authFailed", state_reason: reason.message });
  });
});

describe("an intent that has grown old before its request left", () => {
  it("is not followed when the task was taken away meanwhile: the process had been frozen", async () => {
    const task = await intended("frozen");
    const { parts, sent } = partsOf({
      segment: nothing,
      send: async () => accepted,
    });
    await store.pass(31);
    await reclaimExpired(store.db, 10);
    expect(await run(task, parts)).toBeNull();
    expect(sent).toEqual([]);
  });

  it("is written anew before the request leaves, so that a quiet period counts from then", async () => {
    const task = await intended("late");
    const { parts, sent } = partsOf({
      segment: nothing,
      send: async () => accepted,
    });
    const before = await store.ledger("late");
    await store.pass(10);
    expect(await run(task, parts)).toMatchObject({ end: { state: "DONE" }, settlement: { state: "CONFIRMED" } });
    const after = await store.ledger("late");
    expect(Number(after?.sent_at) - Number(before?.sent_at)).toBeGreaterThan(9_000);
    expect(sent).toHaveLength(1);
  });
});

describe("a worker", () => {
  it("gives places at a connection back when a segment cannot be brought to its end", async () => {
    // NetSuite has five places; the second effect of a broken segment has no connection.
    const broken = { ok: true as const, effects: [callOn("x"), callOn("x", "canonical")], controls: [], edges: [] };
    const world: World = {
      segment: async (id) => (id === "good" ? { ok: true, effects: [callOn("good")], controls: [], edges: [] } : broken),
      send: async () => accepted,
    };
    const { parts, hint } = partsOf(world, { poisonAfter: 1 });
    worker = await startWorker(parts, ["dev"]);
    for (let index = 0; index < 6; index++) {
      const { task, run } = await accept(`broken ${index}`);
      await hint(task);
      expect(await store.run(run)).toMatchObject({ state: "DEAD", failed_class: "bug", open_tasks: 0 });
    }
    const { task, run } = await accept("good");
    await hint(task);
    expect(await store.run(run)).toMatchObject({ state: "SUCCEEDED" });
  });

  it("counts nothing against a task when no evaluator can be had", async () => {
    const world: World = {
      segment: async () => {
        throw new EvaluatorsAway("none");
      },
      send: async () => accepted,
    };
    const { parts, hint } = partsOf(world);
    worker = await startWorker(parts, ["dev"]);
    const { task, run } = await accept("away");
    for (let index = 0; index < 7; index++) {
      await hint(task);
      await store.pass((index + 1) * 6);
    }
    expect((await store.tasksOf(run))[0]).toMatchObject({ state: "READY", attempt: 0, evaluator_deaths: 0, epoch: 7 });
  });

  it("calls a task poison after five evaluators died of it alone, and its trace shows where", async () => {
    const world: World = {
      segment: async () => {
        throw new EvaluatorDied("heap");
      },
      send: async () => accepted,
    };
    const { parts, hint } = partsOf(world);
    worker = await startWorker(parts, ["dev"]);
    const { task, run } = await accept("bomb");
    for (let index = 0; index < 5; index++) {
      expect(await store.run(run)).toMatchObject({ state: "RUNNING", open_tasks: 1 });
      await hint(task);
      await store.pass((index + 1) * 2);
    }
    expect(await store.run(run)).toMatchObject({ state: "DEAD", failed_class: "poison", open_tasks: 0 });
    expect(await traceRun(parts, run)).toMatchObject({
      reproduces: true,
      nodes: { orders: { status: "failed", class: "poison" } },
    });
  });

  it("works off whoever waits for a place, though another worker was faster with some", async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const world: World = {
      segment: async (id) => ({ ok: true, effects: [callOn(id)], controls: [], edges: [] }),
      send: async () => {
        await gate;
        return accepted;
      },
    };
    const { parts, sent, hint } = partsOf(world);
    worker = await startWorker(parts, ["dev"]);
    const all = [];
    for (let index = 0; index < 12; index++) all.push(await accept(`wait ${index}`));
    const followed = all.map(({ task }) => hint(task));
    // Five have a place; the seven others' effects wait.
    await until(async () => (await waiting()).length === 7 && sent.length === 5, { what: "five requests and seven that wait" });
    const [stolen] = await waiting();
    await store.claim(stolen ?? "", "another worker");
    open();
    await Promise.all(followed);
    await until(() => sent.length === 11, { what: "the others to be sent without another hint" });

    async function waiting(): Promise<string[]> {
      const rows = await store.db
        .selectFrom("task")
        .select("id")
        .where("kind", "=", "effect")
        .where("state", "=", "READY")
        .orderBy("id")
        .execute();
      return rows.map((row) => row.id);
    }
  });

  it("sends nothing over a connection that was shut, and says to the ledger that nothing was sent", async () => {
    const world: World = {
      segment: async (id) => {
        // The pause comes between evaluation and request, where places are taken and intents written.
        await setConnectionState(store.db, store.erp, "paused", "Paused by hand.", "tester");
        parts.deployments.forget();
        return { ok: true, effects: [{ ...callOn(id), idempotency: "none" }], controls: [], edges: [] };
      },
      send: async () => accepted,
    };
    const { parts, sent, hint } = partsOf(world);
    worker = await startWorker(parts, ["dev"]);
    const { task, run } = await accept("shut");
    await hint(task);
    expect(sent).toEqual([]);
    expect((await store.tasksOf(run))[1]).toMatchObject({ state: "READY", attempt: 0 });
    expect(await store.ledger("shut")).toMatchObject({ state: "REFUSED" });
  });

  it("looks at the database's clock when it starts and while it has nothing to do", async () => {
    const { parts } = partsOf(
      { segment: async () => ({ ok: true, effects: [], controls: [], edges: [] }), send: async () => accepted },
      { leaseMs: 300 },
    );
    const seen: number[] = [];
    const read: ClockWatch["read"] = (reading) => {
      seen.push(reading.database);
      return clockWatch(LEASE_MS).read(reading);
    };
    worker = await startWorker({ ...parts, clock: { read } }, ["dev"]);
    expect(seen).toHaveLength(1);
    await until(() => seen.length > 2, { what: "two further looks" });
    expect(Math.abs((seen[0] ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it("stops within its grace and gives back what a slow target still holds", async () => {
    const world: World = {
      segment: async (id) => ({ ok: true, effects: [callOn(id)], controls: [], edges: [] }),
      send: () => new Promise<Performed>(() => {}),
    };
    const { parts, sent, hint } = partsOf(world);
    const started = await startWorker(parts, ["dev"]);
    const { task, run } = await accept("slow");
    void hint(task);
    await until(() => sent.length === 1);
    const begun = performance.now();
    await started.stop(200);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect((await store.tasksOf(run))[1]).toMatchObject({ state: "READY", worker: null });
  });

  it("shrugs off a hint that comes while the database is away", async () => {
    const { parts, hint } = partsOf({
      segment: nothing,
      send: async () => accepted,
    });
    worker = await startWorker(parts, ["dev"]);
    const { task } = await accept("down");
    await store.db.destroy();
    await expect(hint(task)).resolves.toBeUndefined();
  });
});
