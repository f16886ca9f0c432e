import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sampleFlow } from "#nodes/sample.fixture.ts";
import type { Flow } from "#schemas/flow.ts";
import { openWorld, type World } from "./world.fixture.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  Object.assign(world.settings, { maxItemBytes: 2_000 });
});

const edge = (id: string, from: string, port: string, to: string) => ({
  id,
  from: { node: from, port },
  to: { node: to, port: "in" },
});
const source = { id: "orders", type: "stall.orderCreated", slot: "shop" };
/** Where an item goes that failed. */
const told = { id: "told", type: "map", config: { expression: "$" } };

const large: Flow = {
  ...sampleFlow,
  nodes: [
    source,
    { id: "pad", type: "map", config: { expression: "{ 'number': id, 'all': $pad('x', 3000) }" }, onError: "route" },
    { id: "kept", type: "book.add", slot: "erp", config: {} },
    told,
  ] as Flow["nodes"],
  edges: [edge("e1", "orders", "out", "pad"), edge("e2", "pad", "out", "kept"), edge("e3", "pad", "error", "told")],
};

const joined: Flow = {
  ...sampleFlow,
  nodes: [
    source,
    {
      id: "parts",
      type: "map",
      config: { expression: "{ 'parts': [1..5].{ 'order': $$.id, 'part': $, 'text': $pad('x', 850) } }" },
    },
    { id: "each", type: "split", config: { items: "parts" } },
    { id: "all", type: "join", config: { split: "each" }, onError: "route" },
    { id: "kept", type: "map", config: { expression: "$" } },
    told,
  ] as Flow["nodes"],
  edges: [
    edge("e1", "orders", "out", "parts"),
    edge("e2", "parts", "out", "each"),
    edge("e3", "each", "item", "all"),
    edge("e4", "all", "out", "kept"),
    edge("e5", "all", "error", "told"),
  ],
};

/** What came to the node behind the error way. */
async function toldOf(flow: Flow): Promise<{ item: Record<string, unknown>; error: Record<string, unknown> }> {
  await world.begin(flow, { evaluation: () => "well", room: () => true });
  await world.deliver("orders", 0, 0, false);
  for (;;) {
    for (const held of [...world.held]) if (!held.work) await world.work(held);
    const ready = world.held.filter(({ outcome }) => outcome);
    if (ready.length > 0) await world.commit(ready, false);
    if (world.held.length > 0) continue;
    const due = await world.due();
    if (due.length === 0) break;
    for (const id of due) await world.claim(id);
  }
  const rows = await world.db.selectFrom("task").select("input").where("port", "=", "error").execute();
  expect(rows).toHaveLength(1);
  return JSON.parse(rows[0]?.input ?? "null");
}

it("an item that became too large goes the error way as it came, so that the order has a name there", async () => {
  const { item, error } = await toldOf(large);
  expect(error).toMatchObject({ node: "pad", class: "tooLarge", code: "itemTooLarge" });
  expect(item).toHaveProperty("id");
});

it("a join whose items are too large together tells the first of them, and how many there were", async () => {
  Object.assign(world.settings, { maxItemBytes: 4_000 });
  const { item, error } = await toldOf(joined);
  expect(error).toMatchObject({ node: "all", class: "tooLarge", code: "itemTooLarge" });
  const { items, arrived } = item as { items: Record<string, unknown>[]; arrived: number };
  expect([items.map(({ part }) => part), arrived]).toEqual([[1, 2], 5]);
  expect(items[0]?.order).toEqual(expect.any(String));
});
