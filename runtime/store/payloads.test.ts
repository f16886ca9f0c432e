import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertAccepted } from "./accept.ts";
import { checkpoint } from "./checkpoint.ts";
import { newId } from "./ids.ts";
import { INLINE_BYTES, standsApart } from "./payloads.ts";
import { readRun } from "./runs.ts";
import { done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const large = (bytes = INLINE_BYTES + 1) => JSON.stringify({ text: "x".repeat(bytes), odd: "\u0000 \ud800" });
const payloads = () => store.db.selectFrom("payload").selectAll().execute();

describe("a text over the inline limit", () => {
  it("is told by its bytes", () => {
    expect(standsApart("x".repeat(INLINE_BYTES))).toBe(false);
    expect(standsApart("x".repeat(INLINE_BYTES + 1))).toBe(true);
    expect(standsApart("€".repeat(INLINE_BYTES / 2))).toBe(true);
  });

  it("of a message stands apart and is read back by the first task and the run's page", async () => {
    const body = large();
    const [one] = await insertAccepted(store.db, [store.acceptable("large", { body })]);
    const message = await store.db
      .selectFrom("message")
      .selectAll()
      .where("id", "=", one?.receipt ?? "")
      .executeTakeFirstOrThrow();
    expect([message.body, message.bytes]).toEqual([null, Buffer.byteLength(body)]);
    expect((await payloads()).map((row) => row.id)).toEqual([message.payload_id]);
    const task = await store.claim(one?.taskId ?? "");
    expect(task.input).toBe(body);
    expect((await readRun(store.db, one?.runId ?? ""))?.message.body).toEqual(JSON.parse(body));
  });

  it("of a duplicate adds none", async () => {
    const before = (await payloads()).length;
    await insertAccepted(store.db, [store.acceptable("large", { body: large() })]);
    expect(await payloads()).toHaveLength(before);
  });

  it("of a task's input or result stands apart; the row names it", async () => {
    const first = await store.accepted("task");
    const [input, result] = [large(), large(INLINE_BYTES * 2)];
    const effects = [effectOn(store, "k1", { input, inPlace: false }), effectOn(store, "k2", { inPlace: false })];
    await checkpoint(store.db, [done(first, effects)], "w1", LEASE_MS);
    const [own] = effects;
    const claimed = await store.claim(own?.id ?? "");
    expect(claimed.input).toBe(input);
    await checkpoint(
      store.db,
      [done(claimed, [], { end: { state: "DONE", result, edges: [], outputHash: null, engine: "test", successors: [] } })],
      "w1",
      LEASE_MS,
    );
    const row = (await store.tasksOf(first.runId)).find((each) => each.id === own?.id);
    expect([row?.input, row?.result, row?.state]).toEqual([null, null, "DONE"]);
    const bodies = new Map((await payloads()).map((each) => [each.id, each.body]));
    expect([bodies.get(row?.payload_id ?? ""), bodies.get(row?.result_payload_id ?? "")]).toEqual([input, result]);
    const other = await store.claim(effects[1]?.id ?? "");
    expect(other.input).toBe("{}");
  });

  it("is carried over to the run of a sub-flow, which has one of its own", async () => {
    const first = await store.accepted("above");
    const input = large();
    const child = {
      flow: first.flow,
      version: first.versionId,
      number: 1,
      deployment: store.deployment.id,
      node: "orders",
      depth: 1,
    };
    const above = effectOn(store, "sub", {
      kind: "control",
      effectKey: null,
      intent: null,
      inPlace: false,
      input,
      child,
      id: newId(),
    });
    await checkpoint(store.db, [done(first, [above])], "w1", LEASE_MS);
    const run = await store.db.selectFrom("run").select("id").where("parent_task", "=", above.id).executeTakeFirstOrThrow();
    const [task] = await store.tasksOf(run.id);
    expect((await store.claim(task?.id ?? "")).input).toBe(input);
  });
});
