import { afterAll, beforeAll, expect, it } from "vitest";
import { sampleFlow } from "#nodes/sample.fixture.ts";
import type { Flow } from "#schemas/flow.ts";
import { KEPT_MS, QUIET_MS } from "./target.fixture.ts";
import { type Held, openWorld, type World } from "./world.fixture.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** Posts each order to a target that makes another record each time it is asked to, and can be asked what it has. */
const posting: Flow = {
  ...sampleFlow,
  id: "posting",
  nodes: [
    { id: "orders", type: "stall.orderCreated", slot: "shop" },
    { id: "shape", type: "map", config: { expression: "{ 'number': id, 'amounts': ['1.00'] }" } },
    { id: "post", type: "book.post", slot: "erp", config: { series: "A" } },
  ],
  edges: [
    { id: "e1", from: { node: "orders", port: "out" }, to: { node: "shape", port: "in" } },
    { id: "e2", from: { node: "shape", port: "out" }, to: { node: "post", port: "in" } },
  ],
};

const quietS = QUIET_MS / 1_000;

/** Works at the one task that is due, up to its outcome or its request. */
async function workAtDue(): Promise<Held> {
  const [id] = await world.due();
  await world.claim(id ?? "");
  const [held] = world.held;
  if (!held) throw new Error("Nothing was due.");
  await world.work(held);
  return held;
}

/** What a worker makes of the effect now: it waits, or it asks the target. */
async function look(): Promise<number | "asks"> {
  const held = await workAtDue();
  const { end } = held.outcome ?? {};
  if (end?.state !== "READY") return "asks";
  await world.commit([held], false);
  return end.waitMs;
}

/** An order whose request is on its way, while nobody works at its effect any more; sent after a step that was seen. */
async function onItsWay(step = 0, flow = posting): Promise<void> {
  await world.begin(flow, { evaluation: () => "well", room: () => true });
  await world.step(step);
  await world.lookAtClock();
  await world.deliver("orders", 0, 0, false);
  await world.commit([await workAtDue()], false);
  const [sender] = world.held;
  if (!sender) throw new Error("The effect does not go on in place.");
  await world.work(sender);
  expect(world.target.underway.size).toBe(1);
  await world.giveBack(sender);
}

const timesApplied = () => [...world.target.applied.values()].map(({ times }) => times);

it.each([
  ["a minute", [quietS]],
  ["a week", [604_800]],
  ["twice", [quietS, quietS]],
])("lasts as long as it should though the clock is set forwards by %s", async (_what, steps) => {
  await onItsWay();
  for (const seconds of steps) {
    await world.step(seconds);
    expect(await look()).toBeGreaterThan(QUIET_MS - 1_000);
    // What waits seems to be due as well.
    await world.step(quietS);
    expect(await look()).toBeGreaterThan(QUIET_MS - 1_000);
  }
  expect(world.target.underway.size).toBe(1);
  await world.pass(quietS - 1, true);
  await world.step(quietS);
  expect(await look()).toBeGreaterThan(0);
  await world.pass(quietS, true);
  expect(await look()).toBe("asks");
  const [request] = [...world.target.underway].filter(({ request }) => request.method === "GET");
  if (!request) throw new Error("The target was not asked.");
  await world.answer(request, "ok");
  await world.commit(world.held, false);
  expect(timesApplied()).toEqual([1]);
});

it("is over as soon as it should be while nobody sets the clock", async () => {
  await onItsWay();
  expect(await look()).toBeGreaterThan(QUIET_MS - 1_000);
  await world.pass(quietS - 1, true);
  expect(await world.due()).toEqual([]);
  await world.pass(1, true);
  expect(await look()).toBe("asks");
});

it("is counted by the clock again for what is sent after a step", async () => {
  await onItsWay(600);
  await world.pass(quietS - 1, true);
  expect(await look()).toBeLessThanOrEqual(1_000);
  await world.pass(1, true);
  expect(await look()).toBe("asks");
});

it("is no matter to a target that tells repeats apart by a key, until it may have forgotten the key", async () => {
  const adding = { ...posting, nodes: posting.nodes.map((node) => (node.id === "post" ? { ...node, type: "book.add" } : node)) };
  const sentNow = () => world.target.underway.size;
  /** Sent, and given back by a worker that learned nothing of it. */
  const sentInVain = async () => {
    const held = await workAtDue();
    expect(held.outcome).toBeUndefined();
    await world.giveBack(held);
  };
  await onItsWay(0, adding);
  await sentInVain();
  await world.pass(KEPT_MS / 1_000 - 60, false);
  await sentInVain();
  expect(sentNow()).toBe(3);
  // However short ago it was sent last: the key is as old as its first request.
  await world.pass(120, false);
  const held = await workAtDue();
  expect([sentNow(), held.outcome?.end]).toMatchObject([3, { state: "DEAD", class: "inDoubt" }]);
  await world.commit([held], false);
  // None of them came there: a person has looked, and says so by a retry.
  world.target.underway.clear();
  await world.letter(0, false);
  await sentInVain();
  expect(sentNow()).toBe(1);
  expect((await workAtDue()).outcome?.end).toMatchObject({ state: "DEAD", class: "inDoubt" });
});
