import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sandboxEnvironment, sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { checkpoint } from "./checkpoint.ts";
import { resolveDeadLetter } from "./deadLetters.ts";
import { openWork, pastMessages, pastMessagesStamp } from "./pastMessages.ts";
import { dead, done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import type { ClaimedTask } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const write = (outcomes: Parameters<typeof checkpoint>[1]) => checkpoint(store.db, outcomes, "w1", LEASE_MS);

/** What a replay-diff would try, of one flow. */
async function past(flow: string, itemsOf: string[] = []) {
  const found = [];
  for await (const messages of pastMessages(store.db, { environment: sandboxEnvironment, flow, most: 10, itemsOf })) {
    found.push(...messages);
  }
  return found;
}

describe("messages that can be tried again", () => {
  it("are those of ended runs, with what their effects came to, and the items where those are wanted", async () => {
    const task = await store.accepted("past");
    const effect = effectOn(store, "past", { input: '{"id":"past"}', call: '{"request":{}}' });
    await write([done(task, [effect])]);
    expect(await past(sandboxFlow)).toEqual([]);
    const mine = { ...task, ...effect, epoch: 1 } as ClaimedTask;
    const ended = done(mine, [], { settlement: { effectKey: "past", state: "CONFIRMED", result: '{"id":7}' } });
    await write([{ ...ended, end: { ...ended.end, result: '{"id":7}' } as typeof ended.end }]);
    const [message, ...rest] = await past(sandboxFlow);
    expect(rest).toEqual([]);
    expect(message).toMatchObject({ runId: task.runId, documentKey: "past", body: '{"id":"past"}' });
    const told = { node: "erp", versionId: task.versionId, state: "DONE", result: '{"id":7}', item: null };
    expect(message?.effects).toMatchObject([told]);
    expect((await past(sandboxFlow, ["erp"]))[0]?.effects).toMatchObject([{ ...told, item: '{"id":"past"}' }]);
  });

  it("are also those with which other flows called the flow", async () => {
    const task = await store.accepted("calling");
    const child = {
      flow: "called",
      version: task.versionId,
      number: 1,
      deployment: store.deployment.id,
      node: "input",
      depth: 1,
    };
    const none = { effectKey: null, connectionId: null, intent: null, call: null };
    const above = effectOn(store, "", { ...none, kind: "control", inPlace: false, due: "never", child, input: '{"sku":"a"}' });
    await write([done(task, [above])]);
    expect(await past("called")).toEqual([]);
    const stamp = () => pastMessagesStamp(store.db, { environment: sandboxEnvironment, flow: "called", most: 10 });
    const running = await stamp();
    const below = await store.db.selectFrom("run").select("id").where("parent_task", "=", above.id).executeTakeFirstOrThrow();
    const [first] = await store.tasksOf(below.id);
    await write([done(await store.claim(first?.id ?? ""))]);
    expect(await past("called")).toMatchObject([
      { runId: below.id, body: '{"sku":"a"}', clock: { runId: below.id, sourceNode: "input" } },
    ]);
    // What was found before is not remembered as what would be found now.
    expect(await stamp()).not.toBe(running);
    expect(await stamp()).toBe(await stamp());
  });
});

describe("what is open of a flow", () => {
  const open = () => openWork(store.db, sandboxEnvironment, sandboxFlow);

  it("is told by node: tasks that wait or are worked on, and letters that nobody has closed", async () => {
    const before = await open();
    const task = await store.accepted("open");
    const at = (node: string) => effectOn(store, `open ${node}`, { node, inPlace: false, intent: null });
    const [waits, taken, dies] = [at("waits"), at("taken"), at("dies")];
    await write([done(task, [waits, taken, dies])]);
    await store.claim(taken.id);
    await write([dead(await store.claim(dies.id))]);
    const one = { tasks: 1, deadLetters: 0 };
    expect(await open()).toEqual({ ...before, waits: one, taken: one, dies: { tasks: 0, deadLetters: 1 } });
    expect(await openWork(store.db, "prod", sandboxFlow)).toEqual({});
    expect(await openWork(store.db, sandboxEnvironment, "other")).toEqual({});
    const letter = (await store.letters()).find((each) => each.task_id === dies.id);
    await resolveDeadLetter(store.db, letter?.id ?? "", "done by hand", "ada");
    expect(await open()).toEqual({ ...before, waits: one, taken: one });
  });
});
