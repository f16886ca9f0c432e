import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lock } from "#nodes/plan.ts";
import { runCli } from "#runtime/cli/program.ts";
import { fromRoot } from "#runtime/root.ts";
import type { MadeOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { newId } from "#runtime/store/ids.ts";
import type { RunDetail } from "#schemas/api.ts";
import type { DeadLetter } from "#schemas/deadLetter.ts";
import type { IdempotencyMode } from "#schemas/manifest.ts";
import type { Cluster } from "./support/cluster.ts";
import { deliver, type Edit, ordersOf, runDetail, runEnded, startImpatientCluster } from "./support/impatientCluster.ts";
import { until } from "./support/until.ts";

const flow = "shopify-order-to-cash";

let cluster: Cluster;
let client: Client;
let stop: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ cluster, client, stop } = await startImpatientCluster());
});
afterAll(() => stop?.());

const { next: nextOrder, lastRight } = ordersOf("replays");
const send = (order: MadeOrder, edit?: Edit): Promise<string> => deliver(cluster, order, edit);
const detailOf = (run: string): Promise<RunDetail> => runDetail(cluster, run);
const ended = (run: string): Promise<RunDetail> => runEnded(cluster, run);

async function succeeded(order: MadeOrder): Promise<string> {
  const run = await send(order);
  expect((await ended(run)).run.state).toBe("SUCCEEDED");
  return run;
}

const replay = (run: string, wish: object = {}) => cluster.call("POST", `/api/v1/runs/${run}/replay`, wish);

/** Replays and waits for the end. */
async function replayed(run: string, wish: object = {}): Promise<RunDetail> {
  const answer = await replay(run, wish);
  expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ runId: expect.any(String) })]);
  return ended(answer.body.runId);
}

/** How often each target created and wrote the order. */
async function written(order: MadeOrder): Promise<{ erp: number[]; wms: number[] }> {
  const of = async (connection: string, name: string) => {
    const { rows } = await cluster.ledger(connection, name);
    const row = rows.find((each) => each.key.includes(order.id));
    return [row?.creates ?? 0, row?.writes ?? 0];
  };
  return { erp: await of("northwind-erp", "salesOrders"), wms: await of("northwind-wms", "orders") };
}

const once = { erp: [1, 1], wms: [1, 1] };

/** Publishes a copy of version 1 whose ERP operation has another idempotency mode, and another request if it `differs`. */
async function versionWith(mode: IdempotencyMode, differs: boolean): Promise<number> {
  const { rows } = await client.query<{ lock: string; next: number }>(
    "select lock, (select max(number) + 1 from version where flow_id = $1)::int as next from version where flow_id = $1 and number = 1",
    [flow],
  );
  const { lock: text, next } = rows[0] as { lock: string; next: number };
  const lock = JSON.parse(text) as Lock;
  const operation = lock.connectors.netsuite?.operations.upsertSalesOrder;
  if (operation?.transport !== "http") throw new Error("The ERP's operation is not where the test looks for it.");
  operation.idempotency = { mode };
  if (differs) operation.request.query = { ...operation.request.query, differs: "yes" };
  await client.query(
    `insert into version (id, flow_id, number, hash, flow, lock, note, created_at, created_by)
     select $1, flow_id, $2::int, hash || '-' || $2::int, flow, $3, 'Test', now(), 'test' from version where flow_id = $4 and number = 1`,
    [newId(), next, JSON.stringify(lock), flow],
  );
  return next;
}

const lettersOf = async (run: string): Promise<DeadLetter[]> => (await detailOf(run)).deadLetters;

describe("a replay of the whole", () => {
  it("is a run of its own on the same message, and posts nothing again", async () => {
    const order = nextOrder();
    const first = await succeeded(order);
    const { run, tasks, message } = await replayed(first);
    expect(run).toMatchObject({ state: "SUCCEEDED", kind: "replay", replayOf: first, replayFrom: null, version: 1 });
    expect(message.id).toBe((await detailOf(first)).message.id);
    expect(await written(order)).toEqual(once);
    for (const task of tasks.filter(({ kind }) => kind === "effect"))
      expect(task.attempts).toMatchObject([{ outcome: "ok", reason: { code: "effectStands" } }]);
    expect((await detailOf(first)).replays).toMatchObject([{ id: run.id, state: "SUCCEEDED" }]);
    expect((await cluster.call("GET", `/api/v1/runs/${run.id}/trace`)).body).toMatchObject({ reproduces: true, differences: [] });
    const { rows } = await client.query("select distinct lane from task where run_id = $1", [run.id]);
    expect(rows).toEqual([{ lane: 1 }]);
    const audited = await client.query("select detail from audit where action = 'run.replayed' and subject = $1", [first]);
    expect(audited.rows).toMatchObject([{ detail: { replay: run.id, version: 1, kind: "replay" } }]);
  });

  it("of a run that is under way waits for its turn, and posts nothing twice", async () => {
    const order = nextOrder();
    await cluster.fault({ connection: "northwind-erp", kind: "delay", match: `SHOPIFY_${order.id}`, delayMs: 1_200 });
    const first = await send(order);
    const answer = await replay(first);
    expect(answer.body).toMatchObject({ held: false, waitsForDocument: true });
    expect((await detailOf(answer.body.runId)).run).toMatchObject({ state: "RUNNING", waitsForDocument: true });
    expect((await ended(first)).run.state).toBe("SUCCEEDED");
    expect((await ended(answer.body.runId)).run.state).toBe("SUCCEEDED");
    expect(await written(order)).toEqual(once);
  });

  it("takes an edited message: what was wrong is mended", async () => {
    const order = nextOrder(true);
    const first = await send(order);
    expect((await ended(first)).run.state).toBe("DEAD");
    const right = lastRight();
    const { run } = await replayed(first, { item: JSON.parse(right.body) });
    expect(run.state).toBe("SUCCEEDED");
    expect(await written(right)).toEqual(once);
    const trace = (await cluster.call("GET", `/api/v1/runs/${run.id}/trace`)).body;
    expect(trace.reproduces).toBe(true);
    expect(trace.nodes.orders.outputs.out).toEqual([JSON.parse(right.body)]);
  });

  it("of an older version than the document has is refused, and a late retry of one does not go over the newer", async () => {
    const order = nextOrder();
    await cluster.fault({ connection: "northwind-erp", kind: "refuse", match: `SHOPIFY_${order.id}`, message: "On hold" });
    const first = await send(order);
    expect((await ended(first)).run.state).toBe("DEAD");
    const [letter] = await lettersOf(first);
    const newer = { ...JSON.parse(order.body), updated_at: "2030-01-01T00:00:00Z", note: "Newer" };
    newer.shipping_address.address1 = "9 Newer Street";
    const second = await send(order, { body: JSON.stringify(newer), event: `${order.eventId} newer` });
    expect((await ended(second)).run.state).toBe("SUCCEEDED");
    const answer = await replay(first);
    expect([answer.status, answer.body.code, answer.body.hint]).toEqual([409, "replayConflict", expect.stringContaining(second)]);
    await cluster.call("POST", `/api/v1/dead-letters/${letter?.id}/retry`);
    await until(async () => (await lettersOf(first)).length === 2, { what: "the retried letter to come back" });
    expect((await lettersOf(first))[1]).toMatchObject({ class: "duplicate", reason: { code: "effectOlder" } });
    expect(await written(order)).toEqual(once);
    // The newest one may be replayed.
    expect((await replayed(second)).run.state).toBe("SUCCEEDED");
    expect(await written(order)).toEqual(once);
  });

  it("of a paused deployment is held", async () => {
    const first = await succeeded(nextOrder());
    const deployment = `/api/v1/environments/dev/deployments/${flow}`;
    await cluster.call("PUT", deployment, { state: "paused" });
    const answer = await until(
      async () => {
        const one = await replay(first);
        return one.body.held ? one : null;
      },
      { what: "the pause to be known" },
    );
    expect((await detailOf(answer.body.runId)).run).toMatchObject({ state: "RUNNING", held: true });
    await cluster.call("PUT", deployment, { state: "active" });
    expect((await ended(answer.body.runId)).run.state).toBe("SUCCEEDED");
  });
});

describe("a replay on another version", () => {
  const modes = ["natural", "key", "lookup", "none"] as const;

  it.each(modes)("with the same request takes what stands; mode %s", async (mode) => {
    const order = nextOrder();
    const first = await succeeded(order);
    const version = await versionWith(mode, false);
    expect((await replayed(first, { version })).run).toMatchObject({ state: "SUCCEEDED", version });
    expect(await written(order)).toEqual(once);
  });

  it.each(modes)("with another request revises by external id alone; mode %s", async (mode) => {
    const order = nextOrder();
    const first = await succeeded(order);
    const version = await versionWith(mode, true);
    const { run, deadLetters } = await replayed(first, { version });
    expect(run.state).toBe(mode === "natural" ? "SUCCEEDED" : "DEAD");
    expect(deadLetters.map((letter) => [letter.node, letter.class])).toEqual(mode === "natural" ? [] : [["erp", "duplicate"]]);
    expect(await written(order)).toEqual(mode === "natural" ? { ...once, erp: [1, 2] } : once);
  });

  it.each(modes)("beside the first run, where runs of a document go at the same time; mode %s", async (mode) => {
    const order = nextOrder();
    const version = await versionWith(mode, false);
    await client.query(
      "update version set flow = jsonb_set(flow::jsonb, '{ordering}', '\"none\"')::text where flow_id = $1 and number = $2",
      [flow, version],
    );
    await cluster.fault({ connection: "northwind-erp", kind: "delay", match: `SHOPIFY_${order.id}`, delayMs: 1_000 });
    const first = await send(order);
    const answer = await replay(first, { version });
    expect(answer.body.waitsForDocument).toBe(false);
    expect((await ended(answer.body.runId)).run.state).toBe("SUCCEEDED");
    expect((await ended(first)).run.state).toBe("SUCCEEDED");
    expect(await written(order)).toEqual(once);
  });

  it("is refused where there is no such version, and in a protected environment where it was not promoted", async () => {
    const first = await succeeded(nextOrder());
    const unknown = await replay(first, { version: 999 });
    expect([unknown.status, unknown.body.code]).toEqual([422, "notReplayable"]);
    const version = await versionWith("natural", false);
    await client.query("update environment set protection = 'approval' where id = 'dev'");
    const guarded = await replay(first, { version });
    await client.query("update environment set protection = 'none' where id = 'dev'");
    expect([guarded.status, guarded.body.message]).toEqual([422, expect.stringMatching(/is protected\.$/)]);
  });
});

describe("a replay from a node", () => {
  it("begins with what the node took: an effect, a pure node", async () => {
    const order = nextOrder();
    const first = await succeeded(order);
    for (const [from, effects] of [
      ["erp", ["erp", "wms"]],
      ["invariants", ["erp", "wms"]],
      // Its segment ended together with the effect before it.
      ["route", ["wms"]],
    ] as const) {
      const { run, tasks } = await replayed(first, { from });
      expect([run.state, run.replayFrom]).toEqual(["SUCCEEDED", from]);
      expect(tasks.filter(({ kind }) => kind === "effect").map(({ node }) => node)).toEqual(effects);
      const trace = (await cluster.call("GET", `/api/v1/runs/${run.id}/trace`)).body;
      expect([trace.reproduces, trace.nodes.orders.status]).toEqual([true, "notReached"]);
      expect(trace.nodes[from]).toMatchObject({ status: "done", inputs: { in: [expect.any(Object)] } });
    }
    expect(await written(order)).toEqual(once);
  });

  it("takes an edited item, by the ledger's rule", async () => {
    const order = nextOrder();
    const first = await succeeded(order);
    const item = (await cluster.call("GET", `/api/v1/runs/${first}/trace`)).body.nodes.wms.inputs.in[0];
    const edited = { ...item, shipTo: { ...item.shipTo, line1: "3 Third Street" } };
    const { run, deadLetters } = await replayed(first, { from: "wms", item: edited });
    expect([run.state, deadLetters[0]?.class]).toEqual(["DEAD", "duplicate"]);
    expect(await written(order)).toEqual(once);
    // A replay of that replay begins where it did: what it was given then.
    const again = await replayed(run.id, { from: "wms" });
    expect(again.deadLetters[0]?.class).toBe("duplicate");
    // And one of the whole begins with the message.
    expect((await replayed(run.id)).run.state).toBe("SUCCEEDED");
    expect(await written(order)).toEqual(once);
  });

  it("is refused where it cannot be", async () => {
    const wrong = await send(nextOrder(true));
    await ended(wrong);
    for (const [from, sentence] of [
      ["nowhere", "The run cannot be replayed like this: the version has no node nowhere."],
      ["erp", "The run cannot be replayed like this: the run did not come to erp."],
    ]) {
      const answer = await replay(wrong, { from });
      expect([answer.status, answer.body.message]).toEqual([422, sentence]);
    }
    expect((await replay("nobody")).status).toBe(404);
  });
});

describe("several replays", () => {
  it("are counted, then begun by filter up to a limit; a message that was replayed well is not among them again", async () => {
    const orders = [nextOrder(), nextOrder(), nextOrder()];
    const since = (await client.query("select clock_now() as now")).rows[0].now.toISOString();
    const runs: string[] = [];
    for (const order of orders) {
      await cluster.fault({ connection: "northwind-erp", kind: "refuse", match: `SHOPIFY_${order.id}`, message: "On hold" });
      const run = await send(order);
      await ended(run);
      runs.push(run);
    }
    const filter = { environment: "dev", flow, state: "DEAD", class: "rejected", node: "erp", since };
    const begin = async (more: object) => (await cluster.call("POST", "/api/v1/replays", { filter, ...more })).body;
    expect(await begin({ limit: 0 })).toEqual({ matching: 3, done: 0, problems: [] });
    expect(await begin({ limit: 2, lane: "backfill" })).toEqual({ matching: 3, done: 2, problems: [] });
    for (const run of runs.slice(0, 2)) {
      const [one] = (await detailOf(run)).replays;
      expect((await ended(one?.id ?? "")).run).toMatchObject({ state: "SUCCEEDED", kind: "backfill" });
    }
    expect((await detailOf(runs[2] as string)).replays).toEqual([]);
    expect(await begin({ limit: 0 })).toMatchObject({ matching: 1 });
    expect(await begin({ limit: 10, version: 999 })).toMatchObject({ matching: 1, done: 0, problems: [{ id: runs[2] }] });
    for (const order of orders.slice(0, 2)) expect(await written(order)).toEqual(once);
    const { status } = await cluster.call("POST", "/api/v1/replays", { filter: { ...filter, since: "yesterday" }, limit: 1 });
    expect(status).toBe(400);
  });
});

describe("the command line against a server", () => {
  async function cli(...args: string[]) {
    const out: string[] = [];
    const say = (text: string) => out.push(text);
    const io = { out: say, err: say, cwd: fromRoot(), root: fromRoot(), readStdin: async () => "" };
    const code = await runCli([...args, "--url", cluster.url], io);
    return { code, out: out.join("\n") };
  }
  const json = async (...args: string[]) => JSON.parse((await cli(...args, "--json")).out);

  it("lists, shows, retries and resolves dead letters, and replays runs", async () => {
    const orders = [nextOrder(), nextOrder(), nextOrder()];
    const runs: string[] = [];
    for (const order of orders) {
      await cluster.fault({ connection: "northwind-erp", kind: "refuse", match: `SHOPIFY_${order.id}`, message: "On hold" });
      runs.push(await send(order));
    }
    for (const run of runs) await ended(run);
    const ids: string[] = [];
    for (const order of orders) {
      const { items } = await json("dead-letters", "list", "--filter", "environment=dev", "--filter", `q=${order.id}`);
      expect(items).toHaveLength(1);
      ids.push(items[0].id);
    }
    const [one = "", other = "", third = ""] = ids;
    const shown = await cli("dead-letters", "show", one);
    expect([shown.code, shown.out]).toEqual([
      0,
      expect.stringMatching(/On hold[\s\S]*effect REFUSED, mode natural[\s\S]*attempt 1/),
    ]);
    expect(await cli("dead-letters", "retry", one)).toEqual({ code: 0, out: `${one}: retried.` });
    expect((await ended(runs[0] as string)).run.state).toBe("SUCCEEDED");
    const twice = await cli("dead-letters", "retry", one, "nobody");
    expect([twice.code, twice.out]).toEqual([
      1,
      `${one}: The dead letter is retried already.\nnobody: There is no dead letter nobody.`,
    ]);
    expect((await cli("dead-letters", "resolve", other)).out).toContain("--note");
    expect((await cli("dead-letters", "resolve", other, "--note", "By hand.")).code).toBe(0);
    const filtered = ["--filter", "environment=dev", "--filter", `q=${orders[2]?.id}`];
    expect((await cli("dead-letters", "retry", ...filtered)).out).toBe("1 dead letter fits, 1 retried.");
    expect((await ended(runs[2] as string)).run.state).toBe("SUCCEEDED");
    expect((await detailOf(runs[2] as string)).deadLetters).toMatchObject([{ id: third, state: "retried" }]);

    const { ok, replays } = await json("replay", runs[0] as string, "--from", "erp");
    expect([ok, (await ended(replays[0].runId)).run.replayFrom]).toEqual([true, "erp"]);
    const count = ["replay", "--filter", "environment=dev", "--filter", `flow=${flow}`, "--filter", `q=${orders[1]?.id}`];
    expect((await cli(...count, "--limit", "0")).out).toBe("1 run fits, 0 replayed.");
    expect((await cli(...count)).out).toBe("1 run fits, 1 replayed.");
    const refusedOn = await cli("replay", runs[0] as string, "--on", "999");
    expect([refusedOn.code, refusedOn.out]).toEqual([1, expect.stringContaining("has no version 999")]);
    const typo = await cli("replay", "--filter", "environmnt=dev");
    expect([typo.code, typo.out]).toEqual([1, expect.stringContaining('"environmnt=dev" is not one of environment=...')]);
    const nowhere = await runCli(["dead-letters", "list", "--url", "http://127.0.0.1:9"], {
      out: () => {},
      err: () => {},
      cwd: ".",
      root: ".",
      readStdin: async () => "",
    });
    expect(nowhere).toBe(1);
  });
});
