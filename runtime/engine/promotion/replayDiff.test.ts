import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePlan } from "#nodes/compilePlan.ts";
import { dryRun } from "#nodes/dryRun/dryRun.ts";
import { type Catalog, makeLock } from "#nodes/lock.ts";
import type { EffectCall, Plan, RawResponse } from "#nodes/plan.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { simulatedBindings } from "#runtime/cli/simulated.ts";
import { type Evaluators, startEvaluators } from "#runtime/evaluate/pool.ts";
import { fromRoot } from "#runtime/root.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { insertAccepted } from "#runtime/store/accept.ts";
import { readDraft } from "#runtime/store/flows.ts";
import { newId } from "#runtime/store/ids.ts";
import { pastMessagesStamp } from "#runtime/store/pastMessages.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import type { Connector, RequestOperation } from "#schemas/connector.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import type { ReplayDiff } from "#schemas/promotion.ts";
import { chain } from "../../../test/support/deploy.ts";
import { buildServer } from "../../../test/support/orderloom.ts";
import { replayDiff } from "./replayDiff.ts";
import { promotionRisks } from "./risks.ts";

/** What a review tries at most. */
const MESSAGES = 1_000;

/** Messages whose runs booked them in the ERP, the newest; of the others nobody knows at first what would follow. */
const BOOKED = 40;

const orders = Array.from({ length: MESSAGES }, (_, index) => makeShopifyOrder("replay", index));
let runs: string[];

let store: Store;
let evaluators: Evaluators;
let flow: Flow;
let plan: (changed: Flow, made?: Catalog) => Plan;
let catalog: Catalog;
beforeAll(async () => {
  buildServer();
  store = await openStore();
  evaluators = startEvaluators({
    script: fromRoot("dist/evaluator.js"),
    processes: Math.min(2, availableParallelism()),
    heapMb: 128,
    timeoutMs: 5_000,
  });
  ({ catalog } = await builtCatalog());
  flow = (await readDraft(store.db, sandboxFlow))?.flow as Flow;
  const bindings = simulatedBindings(flow, catalog.connectors);
  plan = (changed, made = catalog) => compilePlan({ environment: "dev", flow: changed, lock: makeLock(changed, made), bindings });
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
  const accepted = await insertAccepted(
    db,
    orders.map(({ id, body }) => acceptable(id, { body })),
  );
  await db.updateTable("run").set({ state: "SUCCEEDED" }).execute();
  await db.deleteFrom("task").execute();
  runs = accepted.map((each) => each?.runId ?? "");
  await book(MESSAGES - BOOKED, MESSAGES);
}

/** Leaves what the ERP answered to the orders from one number to another. */
async function book(from: number, to: number): Promise<void> {
  const before = plan(flow);
  for (let index = from; index < to; index++) {
    const { body = "", id = "" } = orders[index] ?? {};
    const runId = runs[index] ?? "";
    const run = await store.db.selectFrom("run").selectAll().where("id", "=", runId).executeTakeFirstOrThrow();
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

const compare = (after: Flow, most = MESSAGES, made = catalog, before = flow, madeBefore = catalog) =>
  replayDiff(
    { db: store.db, evaluators },
    {
      flow: sandboxFlow,
      environment: "dev",
      before: { number: 1, plan: plan(before, madeBefore) },
      after: { number: 2, plan: plan(after, made) },
      most,
    },
  );

const placesOf = ({ groups }: ReplayDiff) => groups.map(({ kind, node, field, messages }) => [kind, node, field, messages]);

it("a version that differs in nothing that counts would do the same; what nobody booked is unknown behind the ERP", async () => {
  const diff = await compare(
    changed("erp", (node) => ({ ...node, name: "Book it" })),
    200,
  );
  expect(diff).toMatchObject({ messages: 200, same: 200, differing: 0, groups: [], omitted: 0 });
  expect(diff.unknown).toBeGreaterThanOrEqual(200 - BOOKED);
  expect(diff.unknownAt.erp).toBe(200 - BOOKED);
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

it("a changed body of a connector is told by the request's field, and what would follow it is not guessed", async () => {
  const mapping = "netsuite/netsuite.salesOrder.jsonata";
  const other = `(${catalog.mappings[mapping]}) ~> |$|{ 'memo': 'By the new mapping' }|`;
  const diff = await compare(flow, BOOKED, { ...catalog, mappings: { ...catalog.mappings, [mapping]: other } });
  expect(diff).toMatchObject({ messages: BOOKED, differing: BOOKED, unknownAt: { erp: BOOKED } });
  expect(placesOf(diff)).toEqual([["request", "erp", "/body/memo", BOOKED]]);
  expect(diff.groups[0]?.examples[0]).toMatchObject({ after: "By the new mapping" });
});

describe("an effect's key behind a request that nobody has an answer to", () => {
  const pending = (node: FlowNode): FlowNode => ({ ...node, config: { ...node.config, newOrderStatus: "A" } });
  const rekeyed = (): Flow => {
    const { nodes, edges } = changed("erp", pending);
    const rekey = { id: "rekey", type: "map", config: { expression: "$ ~> |$|{ 'externalId': 'NEW-' & externalId }|" } };
    return {
      ...flow,
      nodes: [...nodes, rekey],
      edges: [
        ...edges.map((edge) => (edge.to.node === "wms" ? { ...edge, to: { node: "rekey", port: "in" } } : edge)),
        { id: "rekeyed", from: { node: "rekey", port: "out" }, to: { node: "wms", port: "in" } },
      ],
    };
  };
  const locked = (one: Flow) => ({ flow: one, lock: makeLock(one, catalog) });
  const risksOf = (after: Flow, diff: ReplayDiff) =>
    promotionRisks(locked(flow), locked(after), {}, diff).map(({ name }) => name);

  it("is found to be another one, as if the request were answered as it was, and nothing of that is shown", async () => {
    const diff = await compare(rekeyed(), BOOKED);
    // Orders that are pending anyway are asked for as before, and go on.
    const { unknown } = diff;
    expect(unknown).toBeGreaterThan(BOOKED / 2);
    expect(diff.groups.find(({ kind }) => kind === "request")).toMatchObject({
      field: "/body/orderStatus/id",
      messages: unknown,
    });
    expect(diff.groups.filter(({ node, messages }) => node === "wms" && messages > BOOKED - unknown)).toEqual([]);
    expect(diff.keys.wms?.another).toBeGreaterThan(0);
    expect(diff.keys).toEqual({ wms: { another: diff.keys.wms?.another, untried: 0 } });
    expect(risksOf(rekeyed(), diff)).toEqual(["effectKey:wms"]);
  });

  it("is no risk where it stays, and one where no answer is known at all", async () => {
    const after = changed("erp", pending);
    const known = await compare(after, BOOKED);
    expect([known.keys, risksOf(after, known)]).toEqual([{}, []]);
    const more = await compare(after, 2 * BOOKED);
    expect(more.keys).toEqual({ wms: { another: 0, untried: BOOKED } });
    expect(risksOf(after, more)).toEqual(["effectKey:wms"]);
  });
});

it("what an answer would be read as by other rules is not guessed, whichever version has them", async () => {
  const netsuite = structuredClone(catalog.connectors.netsuite as Connector);
  const post = netsuite.operations.upsertSalesOrder as RequestOperation;
  post.result = "$error('It cannot be read.')";
  const other = { ...catalog, connectors: { ...catalog.connectors, netsuite } };
  const all = { messages: BOOKED, same: BOOKED, groups: [], unknown: BOOKED, unknownAt: { erp: BOOKED } };
  expect(await compare(flow, BOOKED, other)).toMatchObject(all);
  expect(await compare(flow, BOOKED, catalog, flow, other)).toMatchObject(all);
});

it("a thousand messages are compared in under ten seconds, and a changed mapping is told by its field", async () => {
  const stamp = (most: number) => pastMessagesStamp(store.db, { environment: "dev", flow: sandboxFlow, most });
  const stamps = [await stamp(MESSAGES), await stamp(MESSAGES), await stamp(BOOKED)];
  await book(0, MESSAGES - BOOKED);
  // What was found is found again only as long as nothing more is known; of the newest nothing is.
  expect([stamps[1], await stamp(BOOKED)]).toEqual([stamps[0], stamps[2]]);
  expect(new Set([...stamps, await stamp(MESSAGES)]).size).toBe(3);
  const diff = await compare(
    changed("canonical", (node) => ({
      ...node,
      config: {
        expression: `(${String(node.config?.expression)}) ~> |$|{ 'updatedAt': '2030-01-01T00:00:00Z' }|`,
      },
    })),
  );
  const { ms, messages, groups } = diff;
  const recalled = MESSAGES - (diff.unknownAt.erp ?? 0);
  process.stdout.write(`replay-diff: ${messages} messages, two versions, ${recalled} answers of the ERP recalled, ${ms} ms\n`);
  expect(messages).toBe(MESSAGES);
  // The ERP is told nothing of it, so it is all that differs.
  expect(diff).toMatchObject({ differing: MESSAGES, same: 0, omitted: 0 });
  expect(placesOf(diff)).toEqual([["data", "canonical", "/out/updatedAt", MESSAGES]]);
  expect(groups[0]?.examples[0]).toMatchObject({ after: "2030-01-01T00:00:00Z" });
  // The ERP books the same by both, and its answers are recalled: each message goes on behind it.
  expect(recalled).toBe(MESSAGES);
  expect(ms).toBeLessThan(10_000);
});

describe("with another flow and a later message", () => {
  /** Both known for the newest, the call alone for the second, neither for the third. */
  const KNOWN = 3;
  const own: Flow = {
    ...chain("asking", [
      { id: "orders", type: "shopify.orderCreated", slot: "shop" },
      { id: "brief", type: "map", config: { expression: "{ 'id': $string(id) }" } },
      { id: "asked", type: "sub-flow", config: { flow: "rates" } },
      { id: "held", type: "wait", config: { key: "rate", messageKey: "rate" } },
      { id: "kept", type: "map", config: { expression: "{ 'rate': item.rate, 'by': message.by }" } },
    ]),
    slots: [{ name: "shop", connector: "shopify" }],
  };

  beforeAll(async () => {
    const { db } = store;
    const runs = await db.selectFrom("run").selectAll().orderBy("id", "desc").limit(KNOWN).execute();
    const documents = await db
      .selectFrom("message")
      .select(["id", "body"])
      .where(
        "id",
        "in",
        runs.map((run) => run.message_id),
      )
      .execute();
    for (const [index, run] of runs.slice(0, KNOWN - 1).entries()) {
      const body = documents.find(({ id }) => id === run.message_id)?.body ?? "{}";
      const item = { id: String(JSON.parse(body).id) };
      const asked = await control(run, "asked", JSON.stringify(item), null);
      const answer = JSON.stringify({ status: 200, body: { rate: "7" } });
      await db
        .insertInto("run")
        .values({ ...run, id: newId(), parent_task: asked, response: answer, flow_id: "rates" })
        .execute();
      if (index === 0) await control(run, "held", '{"rate":"7"}', JSON.stringify({ message: '{"rate":"7","by":"Ada"}' }));
    }
  });

  async function control(
    run: { id: string; version_id: string },
    node: string,
    input: string,
    call: string | null,
  ): Promise<string> {
    const now = new Date();
    const made = {
      due_at: now,
      hint_at: now,
      queue: "evaluate" as const,
      created_at: now,
      version_id: run.version_id,
      run_id: run.id,
    };
    const id = newId();
    await store.db
      .insertInto("task")
      .values({
        ...made,
        id,
        environment: "dev",
        flow_id: sandboxFlow,
        kind: "control",
        node_id: node,
        port: "in",
        state: "DONE",
        input,
        call,
      })
      .execute();
    return id;
  }

  it("the call of another flow than then is told, and nobody knows what it would answer", async () => {
    const after = {
      ...own,
      nodes: own.nodes.map((node) => (node.id === "asked" ? { ...node, config: { flow: "rates-other" } } : node)),
    };
    const diff = await compare(after, KNOWN, catalog, own);
    expect(diff).toMatchObject({ differing: KNOWN, unknown: KNOWN, unknownAt: { asked: KNOWN } });
    expect(placesOf(diff)).toEqual([["request", "asked", "/flow", KNOWN]]);
  });

  it("what they answered and brought is recalled; where nobody knows it is unknown", async () => {
    const same = await compare(own, KNOWN, catalog, own);
    expect(same).toMatchObject({ messages: KNOWN, same: KNOWN, unknown: 2, unknownAt: { asked: 1, held: 1 } });
    const after = {
      ...own,
      nodes: own.nodes.map((node) =>
        node.id === "kept" ? { ...node, config: { expression: "{ 'rate': item.rate, 'by': 'us' }" } } : node,
      ),
    };
    const diff = await compare(after, KNOWN, catalog, own);
    expect(diff.groups).toMatchObject([{ kind: "data", node: "kept", field: "/out/by", messages: 1 }]);
    expect(diff.groups[0]?.examples).toMatchObject([{ before: "Ada", after: "us" }]);
  });
});
