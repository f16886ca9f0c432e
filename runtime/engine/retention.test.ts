import { sql } from "kysely";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSettings } from "#runtime/settings.ts";
import { insertAccepted } from "#runtime/store/accept.ts";
import { checkpoint } from "#runtime/store/checkpoint.ts";
import { resolveDeadLetter } from "#runtime/store/deadLetters.ts";
import type { Outcome } from "#runtime/store/outcomes.ts";
import { firstIdAt, partitionedTables } from "#runtime/store/partitions.ts";
import { readRun } from "#runtime/store/runs.ts";
import { dead, done, effectOn, LEASE_MS, openStore, type Store } from "#runtime/store/store.fixture.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import { retentionPass } from "./retention.ts";

const DAY = 86_400;

let store: Store;
beforeEach(async () => {
  store = await openStore();
});
afterEach(() => store.close());

const warnings: string[] = [];
const log = pino({ level: "warn" }, { write: (line) => void warnings.push(line) });
const pass = (env: Record<string, string> = {}) => retentionPass({ db: store.db, settings: readSettings(env), log });
const write = (outcomes: Parameters<typeof checkpoint>[1]) => checkpoint(store.db, outcomes, "w1", LEASE_MS);
const held = async () => (await store.db.selectFrom("retention").select("held").executeTakeFirstOrThrow()).held;

/** An order with its effect confirmed, as it ends well. */
async function posted(key: string): Promise<{ run: string; effect: string }> {
  const first = await store.accepted(key);
  const effect = effectOn(store, `effect ${key}`);
  await write([done(first, [effect], { milestone: "order.received" })]);
  const task = { ...first, ...effect, epoch: 1 } as ClaimedTask;
  await write([
    done(task, [], {
      settlement: { effectKey: `effect ${key}`, state: "CONFIRMED", result: "{}" },
      attempt: { number: 1, startedAt: new Date(), outcome: "ok", reason: null, request: "{}", response: "{}" },
    }),
  ]);
  return { run: first.runId, effect: `effect ${key}` };
}

const counts = async () =>
  Object.fromEntries(
    await Promise.all(
      [...partitionedTables, "message_key", "effect", "dead_letter", "milestone", "audit"].map(async (table) => {
        const { rows } = await sql<{ count: number }>`select count(*)::int as count from ${sql.table(table)}`.execute(store.db);
        return [table, rows[0]?.count];
      }),
    ),
  );

const partitions = async (): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits join pg_class c on c.oid = inhrelid order by 1`.execute(store.db);
  return rows.map((row) => row.name);
};

describe("a month that has outlived its time", () => {
  it("is dropped when all in it has ended; keys, ledger and milestones stay until theirs", async () => {
    await posted("one");
    const before = await counts();
    expect(before).toMatchObject({ message: 1, run: 1, task: 2, attempt: 1, message_key: 1, effect: 1 });
    await store.pass(60 * DAY);
    expect(await pass()).toBe(true);
    expect(await counts()).toEqual(before);
    await store.pass(130 * DAY);
    expect(await pass()).toBe(true);
    expect(await counts()).toEqual({ ...before, message: 0, run: 0, task: 0, attempt: 0 });
    // A message that is delivered again is a duplicate still.
    expect(await insertAccepted(store.db, [store.acceptable("one")])).toMatchObject([{ duplicate: true }]);
    await store.pass(500 * DAY);
    expect(await pass()).toBe(true);
    expect(await counts()).toMatchObject({ message_key: 0, effect: 0, milestone: before.milestone, audit: before.audit });
    expect(await held()).toEqual([]);
  });

  it("is kept whole while a run in it goes on, and said", async () => {
    await posted("ended");
    const [waits] = await insertAccepted(store.db, [store.acceptable("waits")]);
    const before = await counts();
    await store.pass(500 * DAY);
    warnings.length = 0;
    await pass();
    // The ledger's settled row and the keys belong to a month that is held back: they stay with it.
    expect(await counts()).toEqual(before);
    expect(await held()).toEqual([{ what: "month", month: expect.stringMatching(/^\d{4}-\d{2}$/), runs: 1, deadLetters: 0 }]);
    expect(warnings.join()).toContain("Kept beyond its time");
    await write([done(await store.claim(waits?.taskId ?? ""))]);
    await store.pass(501 * DAY);
    await pass();
    expect(await counts()).toMatchObject({ run: 0, message: 0, message_key: 0, effect: 0 });
  });

  it("is kept whole while a dead letter in it is open; one that was closed goes in its own time", async () => {
    const task = await store.accepted("letter");
    await write([dead(task)]);
    await store.pass(130 * DAY);
    await pass();
    expect(await held()).toMatchObject([{ what: "month", runs: 0, deadLetters: 1 }]);
    expect(await readRun(store.db, task.runId)).toBeDefined();
    const [letter] = await store.letters();
    await resolveDeadLetter(store.db, letter?.id ?? "", "Done by hand.", "ada");
    await store.pass(131 * DAY);
    await pass();
    expect(await counts()).toMatchObject({ run: 0, task: 0, dead_letter: 1 });
    expect(await held()).toEqual([]);
    await store.pass(600 * DAY);
    await pass();
    expect(await counts()).toMatchObject({ dead_letter: 0 });
  });

  it("is kept when a run of an earlier month still has tasks in it", async () => {
    const [waits] = await insertAccepted(store.db, [store.acceptable("long")]);
    // The run began a year ago, its task is of today.
    const old = `${firstIdAt(new Date(Date.now() - 365 * DAY * 1_000)).slice(0, 13)}-7000-8000-000000000001`;
    await sql`update run set id = ${old} where id = ${waits?.runId}`.execute(store.db);
    await sql`update task set run_id = ${old} where run_id = ${waits?.runId}`.execute(store.db);
    await store.pass(130 * DAY);
    await pass();
    expect(await held()).toHaveLength(2);
    expect(await counts()).toMatchObject({ task: 1, run: 1 });
  });

  it("goes from the default partition too, where no month had been prepared", async () => {
    await posted("unprepared");
    await sql`
      insert into attempt select ${firstIdAt(new Date("2021-05-05"))}::uuid, task_id, run_id, number, epoch, started_at from attempt`.execute(
      store.db,
    );
    expect(await counts()).toMatchObject({ attempt: 2 });
    await pass();
    expect(await counts()).toMatchObject({ attempt: 1, task: 2 });
  });

  it("takes its partitions with it and leaves those to come", async () => {
    const before = await partitions();
    await store.pass(130 * DAY);
    await pass();
    const after = await partitions();
    expect(before.length - after.length).toBeGreaterThanOrEqual(partitionedTables.length);
    expect(after.filter((name) => name.endsWith("_default"))).toHaveLength(partitionedTables.length);
    await insertAccepted(store.db, [store.acceptable("after")]);
  });
});

describe("a pass of retention", () => {
  it("comes at most once an hour, however many schedulers look", async () => {
    const began = await Promise.all([1, 2, 3, 4].map(() => pass()));
    expect(began.filter(Boolean)).toHaveLength(1);
    await store.pass(3_000);
    expect(await pass()).toBe(false);
    await store.pass(3_700);
    expect(await pass()).toBe(true);
  });

  it("never removes a ledger row that is not settled, nor anything where days are 0", async () => {
    const first = await store.accepted("doubt");
    const effect = effectOn(store, "doubt");
    await write([done(first, [effect])]);
    await write([
      dead({ ...first, ...effect, epoch: 1 } as ClaimedTask, { settlement: { effectKey: "doubt", state: "IN_DOUBT" } }),
    ]);
    await posted("settled");
    const [letter] = await store.letters();
    await resolveDeadLetter(store.db, letter?.id ?? "", "It is there.", "ada");
    const before = await counts();
    await store.pass(2_000 * DAY);
    const never = { KEEP_RUNS: "0", KEEP_KEYS: "0", KEEP_LEDGER: "0", KEEP_DEAD_LETTERS: "0" };
    await pass(Object.fromEntries(Object.entries(never).map(([name, days]) => [`ORDERLOOM_${name}_DAYS`, days])));
    expect(await counts()).toEqual(before);
    await store.pass(2_001 * DAY);
    await pass();
    expect(await counts()).toMatchObject({ run: 0, effect: 1, dead_letter: 0 });
    expect(await store.ledger("doubt")).toMatchObject({ state: "IN_DOUBT" });
  });
});

describe("the payloads of a message", () => {
  const policy = (days: number) => sql`update environment set payload_days = ${days} where id = 'dev'`.execute(store.db);

  it("are purged by the shorter policy of environment and connection; keys, ledger and milestones stay", async () => {
    await policy(60);
    await sql`update connection set payload_days = 30 where connector = 'shopify'`.execute(store.db);
    const { run, effect } = await posted("personal");
    const large = JSON.stringify({ name: "x".repeat(100_000) });
    const [big] = await insertAccepted(store.db, [store.acceptable("big", { body: large })]);
    await write([done(await store.claim(big?.taskId ?? ""))]);
    const before = await counts();
    expect(before.payload).toBe(1);
    await store.pass(29 * DAY);
    await pass();
    expect((await readRun(store.db, run))?.message.body).toEqual({ id: "personal" });
    await store.pass(31 * DAY);
    await pass();
    expect(await counts()).toEqual({ ...before, payload: 0 });
    const detail = await readRun(store.db, run);
    expect([detail?.message.body, detail?.message.headers, detail?.message.dedupeKey]).toEqual([null, {}, "personal"]);
    for (const task of await store.tasksOf(run)) expect([task.input, task.call, task.result]).toEqual([null, null, null]);
    expect(detail?.tasks.flatMap((task) => task.attempts)).toMatchObject([{ request: null, response: null, outcome: "ok" }]);
    expect(await store.ledger(effect)).toMatchObject({ state: "CONFIRMED", result: "{}" });
  });

  it("stay while their run goes on or waits for a person, and that is said", async () => {
    await policy(30);
    const task = await store.accepted("open");
    await write([dead(task)]);
    await insertAccepted(store.db, [store.acceptable("running")]);
    await store.pass(31 * DAY);
    await pass();
    expect(await held()).toEqual([{ what: "payloads", messages: 2 }]);
    expect((await readRun(store.db, task.runId))?.message.body).toEqual({ id: "open" });
  });

  it("stay where a sub-flow's answer was not taken yet by the task above, and go once it was", async () => {
    await policy(30);
    const first = await store.accepted("above");
    const child = {
      flow: first.flow,
      version: first.versionId,
      number: 1,
      deployment: store.deployment.id,
      node: "orders",
      depth: 1,
    };
    const none = { effectKey: null, connectionId: null, intent: null, call: null };
    const above = effectOn(store, "", { ...none, kind: "control", inPlace: false, due: "never", child });
    await write([done(first, [above])]);
    const below = await store.db.selectFrom("run").select("id").where("parent_task", "=", above.id).executeTakeFirstOrThrow();
    const [task] = await store.tasksOf(below.id);
    const answers = done(await store.claim(task?.id ?? ""));
    const response = JSON.stringify({ status: 200, body: 1 });
    await write([{ ...answers, end: { ...answers.end, response } as Outcome["end"] }]);
    const answer = () => store.db.selectFrom("run").select("response").where("id", "=", below.id).executeTakeFirst();
    // The task above ended badly first; a retry takes the answer.
    await write([dead(await store.claim(above.id))]);
    await store.pass(31 * DAY);
    await pass();
    expect(await answer()).toEqual({ response });
    const letter = (await store.letters()).find((each) => each.task_id === above.id);
    await resolveDeadLetter(store.db, letter?.id ?? "", "done by hand", "ada");
    await store.pass(32 * DAY);
    await pass();
    expect(await answer()).toEqual({ response: null });
  });
});
