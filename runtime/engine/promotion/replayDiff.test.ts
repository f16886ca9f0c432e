import { availableParallelism } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadCatalog } from "#nodes/catalog.ts";
import { compilePlan } from "#nodes/compilePlan.ts";
import { dryRun } from "#nodes/dryRun/dryRun.ts";
import { makeLock } from "#nodes/lock.ts";
import type { EffectCall, Plan, RawResponse } from "#nodes/plan.ts";
import { simulatedBindings } from "#runtime/cli/simulated.ts";
import { type Evaluators, startEvaluators } from "#runtime/evaluate/pool.ts";
import { fromRoot } from "#runtime/root.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { insertAccepted } from "#runtime/store/accept.ts";
import { readDraft } from "#runtime/store/flows.ts";
import { newId } from "#runtime/store/ids.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { buildServer } from "../../../test/support/orderloom.ts";
import { replayDiff } from "./replayDiff.ts";

/** What a review tries at most. */
const MESSAGES = 1_000;

/** Messages whose runs booked them in the ERP; of the others nobody knows what would follow. */
const BOOKED = 40;

let store: Store;
let evaluators: Evaluators;
let flow: Flow;
let plan: (changed: Flow) => Plan;
beforeAll(async () => {
  buildServer();
  store = await openStore();
  evaluators = startEvaluators({
    script: fromRoot("dist/evaluator.js"),
    processes: Math.min(2, availableParallelism()),
    heapMb: 128,
    timeoutMs: 5_000,
  });
  const { catalog } = await loadCatalog(fromRoot("."));
  flow = (await readDraft(store.db, sandboxFlow))?.flow as Flow;
  const bindings = simulatedBindings(flow, catalog.connectors);
  plan = (changed) => compilePlan({ environment: "dev", flow: changed, lock: makeLock(changed, catalog), bindings });
  await bringMessages();
});
afterAll(async () => {
  await evaluators?.close();
  await store?.close();
});

const booked: RawResponse = { status: 204, headers: { location: "/services/rest/record/v1/salesOrder/77" }, body: "" };

/** Orders whose runs have ended, as a worker would have left them. */
async function bringMessages(): Promise<void> {
  const { db, acceptable } = store;
  const orders = Array.from({ length: MESSAGES }, (_, index) => makeShopifyOrder("replay", index));
  const accepted = await insertAccepted(
    db,
    orders.map(({ id, body }) => acceptable(id, { body })),
  );
  await db.updateTable("run").set({ state: "SUCCEEDED" }).execute();
  await db.deleteFrom("task").execute();
  const before = plan(flow);
  for (const [index, { body, id }] of orders.slice(-BOOKED).entries()) {
    const runId = accepted[MESSAGES - BOOKED + index]?.runId ?? "";
    const run = await db.selectFrom("run").selectAll().where("id", "=", runId).executeTakeFirstOrThrow();
    const clock = { runId, now: run.clock_at.toISOString(), seed: run.seed, sourceNode: "orders" };
    const { effects } = await dryRun(before, JSON.parse(body), clock, { perform: async () => booked });
    for (const { call } of effects.filter(({ call: { node } }) => node === "erp")) await recordBooked(run, call, id);
  }
}

async function recordBooked(
  run: { id: string; version_id: string },
  { item: _item, ...call }: EffectCall,
  documentKey: string,
): Promise<void> {
  await store.db
    .insertInto("task")
    .values({
      id: newId(),
      run_id: run.id,
      environment: "dev",
      flow_id: sandboxFlow,
      version_id: run.version_id,
      kind: "effect",
      node_id: "erp",
      state: "DONE",
      due_at: new Date(),
      hint_at: new Date(),
      queue: "effect",
      document_key: documentKey,
      call: JSON.stringify(call),
      result: JSON.stringify({ id: "77" }),
      created_at: new Date(),
    })
    .execute();
}

const changed = (id: string, change: (node: FlowNode) => FlowNode): Flow => ({
  ...flow,
  nodes: flow.nodes.map((node) => (node.id === id ? change(node) : node)),
});

const compare = (after: Flow, most = MESSAGES) =>
  replayDiff(
    { db: store.db, evaluators },
    {
      flow: sandboxFlow,
      environment: "dev",
      before: { number: 1, plan: plan(flow) },
      after: { number: 2, plan: plan(after) },
      most,
    },
  );

it("a version that differs in nothing that counts would do the same; what nobody booked is unknown behind the ERP", async () => {
  const diff = await compare(
    changed("erp", (node) => ({ ...node, name: "Book it" })),
    200,
  );
  expect(diff).toMatchObject({ messages: 200, same: 200, differing: 0, groups: [], omitted: 0 });
  expect(diff.unknown).toBeGreaterThanOrEqual(200 - BOOKED);
  expect(diff.unknownAt.erp).toBe(200 - BOOKED);
});

it("a thousand messages are compared in under ten seconds, and a changed mapping is told by its field", async () => {
  const diff = await compare(
    changed("canonical", (node) => ({
      ...node,
      config: {
        expression: `(${String(node.config?.expression)}) ~> |$|{ 'channel': $merge([channel, { 'system': 'shop' }]) }|`,
      },
    })),
  );
  const { ms, messages, groups } = diff;
  process.stdout.write(`replay-diff: ${messages} messages, two versions, ${ms} ms\n`);
  expect(messages).toBe(MESSAGES);
  const data = groups.find(({ kind, field }) => kind === "data" && field === "/out/channel/system");
  expect(data?.messages).toBe(MESSAGES);
  expect(data?.examples[0]).toMatchObject({ before: "shopify", after: "shop" });
  expect(ms).toBeLessThan(10_000);
});

it("a changed route is told with what is no longer asked for, where the answers before it are known", async () => {
  const never = [{ port: "ship", when: "false" }];
  const diff = await compare(
    changed("route", (node) => ({ ...node, config: { cases: never } })),
    BOOKED,
  );
  const route = diff.groups.find(({ kind, node }) => kind === "route" && node === "route");
  const effect = diff.groups.find(({ kind, node }) => kind === "effect" && node === "wms");
  expect(route?.messages).toBeGreaterThan(0);
  expect(effect?.messages).toBe(route?.messages);
  expect(effect?.examples[0]).toMatchObject({ before: { method: "POST" }, after: null });
  expect(diff.differing).toBe(route?.messages);
});
