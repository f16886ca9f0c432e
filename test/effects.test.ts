import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MadeOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { RunDetail } from "#schemas/api.ts";
import type { Task } from "#schemas/run.ts";
import type { Cluster } from "./support/cluster.ts";
import { deliver, ordersOf, runDetail, runEnded, startImpatientCluster } from "./support/impatientCluster.ts";
import { until } from "./support/until.ts";

let cluster: Cluster;
let client: Client;
let stop: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ cluster, client, stop } = await startImpatientCluster());
});
afterAll(() => stop?.());

const { next: nextOrder } = ordersOf("effects");
const send = (order: MadeOrder): Promise<string> => deliver(cluster, order);

const runOf = async (order: MadeOrder): Promise<string> =>
  (await cluster.call("GET", `/api/v1/runs?q=${order.id}`)).body.items[0].id;
const detailOf = async (order: MadeOrder): Promise<RunDetail> => runDetail(cluster, await runOf(order));
const ended = async (order: MadeOrder): Promise<RunDetail> => runEnded(cluster, await runOf(order));

const effectOf = (detail: RunDetail, node: string): Task | undefined =>
  detail.tasks.find((task) => task.kind === "effect" && task.node === node);

/** How often the target created a record of the order. */
async function creates(connection: "northwind-erp" | "northwind-wms", order: MadeOrder): Promise<number> {
  const { rows } = await cluster.ledger(connection, connection === "northwind-erp" ? "salesOrders" : "orders");
  return rows.filter((row) => row.key.includes(order.id)).reduce((sum, row) => sum + row.creates, 0);
}

const targets = [
  { connection: "northwind-erp", node: "erp", marks: (order: MadeOrder) => `SHOPIFY_${order.id}` },
  { connection: "northwind-wms", node: "wms", marks: (order: MadeOrder) => order.id },
] as const;

const kinds = [
  { kind: "429", outcomes: ["rateLimited", "ok"], more: { retryAfter: 1 } },
  { kind: "503", outcomes: ["transient", "ok"] },
  { kind: "500AfterApply", outcomes: ["transient", "ok"] },
  { kind: "timeoutAfterApply", outcomes: ["timeout", "ok"] },
  { kind: "reset", outcomes: ["transient", "ok"] },
  { kind: "resetAfterApply", outcomes: ["transient", "ok"] },
  { kind: "delay", outcomes: ["ok"], more: { delayMs: 700 } },
] as const;

describe("a fault of the target", () => {
  const cases = targets.flatMap((target) => kinds.map((fault) => ({ ...target, ...fault, order: nextOrder() })));
  beforeAll(async () => {
    // All under way at once: what waits for one waits for all.
    for (const { connection, marks, order, kind, ...rest } of cases) {
      await cluster.fault({ connection, kind, match: marks(order), ...("more" in rest ? rest.more : {}) });
    }
    await Promise.all(cases.map(({ order }) => send(order)));
  });

  it.each(cases)("$kind of $connection: the order is there once, and each try can be seen", async ({ order, node, outcomes }) => {
    const { run, tasks } = await ended(order);
    expect(run.state).toBe("SUCCEEDED");
    expect([await creates("northwind-erp", order), await creates("northwind-wms", order)]).toEqual([1, 1]);
    const effect = tasks.find((task) => task.kind === "effect" && task.node === node);
    expect(effect?.attempts.map((attempt) => attempt.outcome)).toEqual(outcomes);
    if (outcomes.length > 1)
      expect(effect?.attempts[0]).toMatchObject({ reason: { message: expect.stringMatching(/^[A-Z].*\.$/) } });
  });

  it("waits as long as the target asked", async () => {
    for (const { order, node, kind } of cases.filter((each) => each.kind === "429")) {
      const attempts = effectOf(await ended(order), node)?.attempts ?? [];
      const waited = Date.parse(attempts[1]?.startedAt ?? "") - Date.parse(attempts[0]?.endedAt ?? "");
      expect(waited, kind).toBeGreaterThanOrEqual(990);
    }
  });

  it.each(targets)("refuse of $connection: a dead letter with the target's words, and its retry ends well", async (target) => {
    const order = nextOrder();
    const message = "The customer is on hold";
    await cluster.fault({ connection: target.connection, kind: "refuse", match: target.marks(order), message });
    await send(order);
    expect((await ended(order)).run.state).toBe("DEAD");
    expect(await creates(target.connection, order)).toBe(0);
    const { items } = (await cluster.call("GET", `/api/v1/dead-letters?q=${order.id}`)).body;
    expect(items).toMatchObject([{ class: "rejected", node: target.node, attempts: 1 }]);
    expect(items[0].reason.message).toContain(message);
    expect((await cluster.call("POST", `/api/v1/dead-letters/${items[0].id}/retry`)).status).toBe(200);
    expect((await ended(order)).run.state).toBe("SUCCEEDED");
    expect([await creates("northwind-erp", order), await creates("northwind-wms", order)]).toEqual([1, 1]);
  });
});

describe("a longer outage", () => {
  it("thirty refusals in a row: every order goes through once it is over", async () => {
    await cluster.fault({ connection: "northwind-erp", kind: "503", times: 30 });
    const orders = Array.from({ length: 12 }, () => nextOrder());
    await Promise.all(orders.map(send));
    for (const order of orders) {
      const { run } = await ended(order);
      expect(run.state).toBe("SUCCEEDED");
      expect(await creates("northwind-erp", order)).toBe(1);
    }
  });

  it("an applied effect whose letter a person retries is not posted again", async () => {
    const order = nextOrder();
    // Every try is applied and answered with an error, until the attempts are used up.
    await cluster.fault({ connection: "northwind-erp", kind: "resetAfterApply", times: 0, match: `SHOPIFY_${order.id}` });
    await send(order);
    expect((await ended(order)).run).toMatchObject({ state: "DEAD", failedClass: "transient" });
    await cluster.clearFaults();
    const { items } = (await cluster.call("GET", `/api/v1/dead-letters?q=${order.id}`)).body;
    await cluster.call("POST", `/api/v1/dead-letters/${items[0].id}/retry`);
    expect((await ended(order)).run.state).toBe("SUCCEEDED");
    expect([await creates("northwind-erp", order), await creates("northwind-wms", order)]).toEqual([1, 1]);
  });
});

describe("wrong credentials", () => {
  it("shut the connection, burn no attempt, and let everything through when it is resumed", async () => {
    await cluster.setSecrets("northwind-erp", { tokenSecret: "wrong" });
    const connection = async () =>
      (await cluster.call("GET", "/api/v1/environments/dev/connections")).body.items.find(
        (each: { name: string }) => each.name === "northwind-erp",
      );
    // Workers know a connection for a second; until then the old secrets are good.
    const orders: MadeOrder[] = [];
    await until(
      async () => {
        const order = nextOrder();
        orders.push(order);
        await send(order);
        return (await connection()).state === "authFailed";
      },
      { timeoutMs: 20_000, everyMs: 300, what: "the connection to be shut" },
    );
    const more = Array.from({ length: 5 }, () => nextOrder());
    await Promise.all(more.map(send));
    expect((await connection()).stateReason).toMatch(/^[A-Z].*\.$/);
    const waiting = orders.at(-1) as MadeOrder;
    const parked = await until(async () => {
      const effect = effectOf(await detailOf(waiting), "erp");
      return effect?.state === "READY" ? effect : null;
    });
    expect(parked.attempt).toBe(0);
    expect((await cluster.call("GET", "/api/v1/dead-letters?class=auth")).body.items).toEqual([]);
    await cluster.setSecrets("northwind-erp", { tokenSecret: "northwind-sandbox-token-secret" });
    expect((await cluster.call("POST", "/api/v1/environments/dev/connections/northwind-erp/resume")).status).toBe(200);
    for (const order of [...orders, ...more]) {
      expect((await ended(order)).run.state).toBe("SUCCEEDED");
      expect(await creates("northwind-erp", order)).toBe(1);
    }
    expect((await connection()).state).toBe("active");
  });
});

describe("a trace", () => {
  it("reproduces a good run with the data of every node", async () => {
    const order = nextOrder();
    await send(order);
    const { run } = await ended(order);
    const trace = (await cluster.call("GET", `/api/v1/runs/${run.id}/trace`)).body;
    expect([trace.reproduces, trace.differences]).toEqual([true, []]);
    expect(Object.values(trace.nodes).map((node) => (node as { status: string }).status)).toEqual(Array(6).fill("done"));
    expect(trace.nodes.canonical.outputs.out[0]).toMatchObject({ externalId: order.id });
    expect(trace.nodes.erp.inputs.in[0]).toEqual(trace.nodes.invariants.outputs.valid[0]);
    expect(trace.nodes.wms.outputs.result).toHaveLength(1);
  });

  it("shows where a run failed, and what was not reached", async () => {
    const order = nextOrder(true);
    await send(order);
    const { run } = await ended(order);
    const trace = (await cluster.call("GET", `/api/v1/runs/${run.id}/trace`)).body;
    expect(trace).toMatchObject({
      reproduces: true,
      nodes: { canonical: { status: "done" }, invariants: { status: "failed", class: "invalid" }, erp: { status: "notReached" } },
    });
  });

  it("says so when it does not come out as the run did", async () => {
    const order = nextOrder();
    await send(order);
    const { run } = await ended(order);
    await client.query("update task set output_hash = 'tampered' where run_id = $1 and parent_id is null", [run.id]);
    const trace = (await cluster.call("GET", `/api/v1/runs/${run.id}/trace`)).body;
    expect(trace.reproduces).toBe(false);
    expect(trace.differences).toHaveLength(1);
    expect(trace.differences[0]).toContain('"orders"');
  });
});
