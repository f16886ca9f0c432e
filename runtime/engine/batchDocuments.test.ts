import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sampleFlow } from "#nodes/sample.fixture.ts";
import type { Flow } from "#schemas/flow.ts";
import { type Fate, WAIT_SECONDS } from "./target.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const ATTEMPTS = 3;

/** Sends three documents in one request, the same ones in every run. */
const flow: Flow = {
  ...sampleFlow,
  nodes: [
    { id: "orders", type: "stall.orderCreated", slot: "shop" },
    { id: "documents", type: "map", config: { expression: "['a', 'b', 'c'].{ 'number': $ }" } },
    {
      id: "many",
      type: "book.many",
      slot: "erp",
      config: {},
      retry: { attempts: ATTEMPTS, backoff: "fixed", baseMs: 0, capMs: 0 },
    },
    { id: "told", type: "map", config: { expression: "$" } },
  ],
  edges: [
    { id: "e1", from: { node: "orders", port: "out" }, to: { node: "documents", port: "in" } },
    { id: "e2", from: { node: "documents", port: "out" }, to: { node: "many", port: "in" } },
    { id: "e3", from: { node: "many", port: "result" }, to: { node: "told", port: "in" } },
  ],
};

/** The same with two documents that every order has, and one of its own. */
const growing: Flow = {
  ...flow,
  nodes: flow.nodes.map((node) =>
    node.id === "documents" ? { ...node, config: { expression: "$append(['a', 'b'], id).{ 'number': $ }" } } : node,
  ),
};

/** The documents of each request that was sent. */
let sent: string[] = [];
beforeEach(async () => {
  sent = [];
  await world.begin(flow, { evaluation: () => "well", room: () => true });
});

/** Does all that is due, the answers in their order and well after them. */
async function go(...answers: Fate[]): Promise<void> {
  for (;;) {
    for (const request of [...world.target.underway]) {
      sent.push((request.request.body as { number: string }[]).map(({ number }) => number).join());
      await world.answer(request, answers.shift() ?? "ok");
    }
    for (const held of [...world.held]) if (!held.work) await world.work(held);
    const ready = world.held.filter(({ outcome }) => outcome);
    if (ready.length > 0) await world.commit(ready, false);
    if (world.held.length > 0 || world.target.underway.size > 0) continue;
    const due = await world.due();
    if (due.length === 0) return;
    for (const id of due) await world.claim(id);
  }
}

const runs = async () => (await world.db.selectFrom("run").select("state").orderBy("id").execute()).map(({ state }) => state);
const letters = () => world.db.selectFrom("dead_letter").select(["class", "attempts"]).orderBy("id").execute();
const taken = () => [...world.target.documents].sort();

describe("a document that was refused out of a batch", () => {
  it("is not forgotten when the batch comes again: it is sent alone, and what stands is sent by nobody", async () => {
    await world.deliver("orders", 0, 0, false);
    await go("someRefused");
    expect([sent, await letters(), await runs()]).toEqual([["a,b,c"], [{ class: "rejected", attempts: 1 }], ["PARTIAL"]]);
    await world.deliver("orders", 0, 1, false);
    await go("allRefused");
    expect([sent, await letters()]).toMatchObject([
      ["a,b,c", "b"],
      [{}, { class: "rejected", attempts: 1 }],
    ]);
    await world.deliver("orders", 1, 0, false);
    await go("ok");
    expect([sent, taken()]).toEqual([
      ["a,b,c", "b", "b"],
      ["a", "b", "c"],
    ]);
    await world.deliver("orders", 1, 1, false);
    await go();
    expect([sent.length, await runs()]).toEqual([3, ["PARTIAL", "PARTIAL", "SUCCEEDED", "SUCCEEDED"]]);
  });

  it("is not forgotten when all of its batch was, nor when what follows was too large and is tried again", async () => {
    const { maxItemBytes } = world.settings;
    Object.assign(world.settings, { maxItemBytes: 2_000 });
    await world.deliver("orders", 0, 0, false);
    await go("allRefused");
    expect([await letters(), sent]).toMatchObject([[{ class: "tooLarge" }], ["a,b,c"]]);
    Object.assign(world.settings, { maxItemBytes });
    await world.letter(0, false);
    await go();
    expect([sent, taken(), await runs()]).toEqual([["a,b,c", "a", "b", "c"], ["a", "b", "c"], ["SUCCEEDED"]]);
  });

  it("has had its first attempt with the batch", async () => {
    await world.deliver("orders", 0, 0, false);
    await go("someBusy", "someBusy");
    for (let times = 0; times < ATTEMPTS; times += 1) {
      await world.pass(WAIT_SECONDS, true);
      await go("someBusy", "someBusy");
    }
    expect(sent.filter((each) => each.includes("a"))).toEqual(["a,b,c", "a", "a"]);
    const dead = { class: "transient", attempts: ATTEMPTS };
    expect([await letters(), taken()]).toEqual([[dead, dead], ["b"]]);
  });

  it("waits as long as the system asks for it", async () => {
    await world.deliver("orders", 0, 0, false);
    await go("someThrottled");
    const [waits, shortly] = [await world.nextMoment(), 0.5];
    expect(Math.abs((waits ?? 0) - WAIT_SECONDS)).toBeLessThan(shortly);
    await world.pass(WAIT_SECONDS - 2 * shortly, true);
    await go();
    expect(sent).toEqual(["a,b,c"]);
    await world.pass(2 * shortly, true);
    await go();
    expect([sent, await runs()]).toEqual([["a,b,c", "b"], ["SUCCEEDED"]]);
  });

  it("because the credentials are not taken pauses the connection, and waits without burning an attempt", async () => {
    await world.deliver("orders", 0, 0, false);
    await go("someUnknown");
    const { state, state_reason } = await world.db
      .selectFrom("connection")
      .selectAll()
      .where("connector", "=", "book")
      .executeTakeFirstOrThrow();
    expect([state, state_reason, await letters()]).toEqual(["authFailed", expect.stringContaining("Book"), []]);
    const tasks = await world.db
      .selectFrom("task")
      .select(["attempt", "state"])
      .where("kind", "=", "effect")
      .orderBy("id")
      .execute();
    // The batch, and the document alone: sent once, when somebody had looked at the connection.
    expect([sent, tasks]).toEqual([
      ["a,b,c", "b"],
      [
        { attempt: 1, state: "DONE" },
        { attempt: 1, state: "DONE" },
      ],
    ]);
  });

  it("is not sent again once a later batch has set the same: the older would go over the newer", async () => {
    await world.begin(growing, { evaluation: () => "well", room: () => true });
    await world.deliver("orders", 0, 0, false);
    await go("someBusy");
    await world.deliver("orders", 1, 0, false);
    await go("ok");
    const [[, , first], [, , second]] = sent.map((each) => each.split(",")) as [string[], string[]];
    expect(sent).toEqual([`a,b,${first}`, `a,b,${second}`]);
    await world.pass(WAIT_SECONDS, true);
    await go("ok", "ok");
    // What no other batch has is sent all the same.
    expect([sent.slice(2), await letters(), await runs()]).toEqual([[first], [], ["SUCCEEDED", "SUCCEEDED"]]);
    const attempts = await world.db.selectFrom("attempt").select("reason").where("reason", "is not", null).execute();
    expect(attempts.map(({ reason }) => reason?.code)).toEqual(["effectSuperseded"]);
  });

  it("is sent again when the later batch was refused for the same", async () => {
    await world.begin(growing, { evaluation: () => "well", room: () => true });
    await world.deliver("orders", 0, 0, false);
    await go("someThrottled");
    await world.deliver("orders", 1, 0, false);
    await go("someRefused");
    await world.pass(WAIT_SECONDS, true);
    await go("ok");
    expect([sent.slice(2), await runs(), taken()]).toMatchObject([["b"], ["SUCCEEDED", "PARTIAL"], { length: 4 }]);
  });
});
