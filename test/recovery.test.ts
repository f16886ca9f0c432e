import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { northwind } from "#runtime/sandbox/northwind.ts";
import { type MadeOrder, makeShopifyOrder, signShopify } from "#runtime/sandbox/shopifyOrder.ts";
import { ask } from "./support/ask.ts";
import { type Cluster, type ClusterOptions, type LedgerRow, startCluster, webhookPath } from "./support/cluster.ts";
import { type CuttableProxy, cuttableProxy } from "./support/cuttableProxy.ts";
import { makeImpatient } from "./support/impatientVersion.ts";
import { startOrderloom, type TestOrderloom } from "./support/orderloom.ts";
import { query } from "./support/query.ts";
import { hasRedis, startRedis, type TestRedis } from "./support/redis.ts";
import { until } from "./support/until.ts";

const ORDERS = 40;

let cluster: Cluster | undefined;
let redis: TestRedis | null = null;
let proxy: CuttableProxy | undefined;
let product: TestOrderloom | undefined;
afterEach(async () => {
  await cluster?.stop();
  await redis?.stop();
  await proxy?.close();
  await product?.stop();
  cluster = undefined;
  redis = null;
  proxy = undefined;
  product = undefined;
});

async function start(onRedis: boolean, options: ClusterOptions = {}): Promise<Cluster> {
  redis = onRedis ? await startRedis() : null;
  const started = await startCluster({ redisUrl: redis?.url, ...options });
  cluster = started;
  await makeImpatient(started.databaseUrl);
  return started;
}

const ordersOf = (seed: string, count = ORDERS): MadeOrder[] =>
  Array.from({ length: count }, (_, index) => makeShopifyOrder(`recovery ${seed}`, index + 1));

const sendAll = (running: Cluster, orders: MadeOrder[]) =>
  Promise.all(orders.map((order) => running.deliverSurely(order.body, { "x-shopify-event-id": order.eventId })));

const sql = <Row extends object>(running: Cluster, statement: string): Promise<Row[]> => query(running.databaseUrl, statement);

const posted = async (running: Cluster): Promise<number> => (await running.ledger("northwind-erp", "salesOrders")).rows.length;

/** The oracle: each order once in the ERP, each that ships once in the warehouse, nothing dead, every count at rest. */
async function expectEachOnce(running: Cluster, orders: MadeOrder[]): Promise<void> {
  await running.settled(60_000);
  const erp = (await running.ledger("northwind-erp", "salesOrders")).rows;
  const wms = (await running.ledger("northwind-wms", "orders")).rows;
  expectOnce(erp, wms, orders);
  expect((await running.call("GET", "/api/v1/dead-letters?limit=1")).body.items).toEqual([]);
  expect(await sql(running, "select id from run where open_tasks <> 0 or state <> 'SUCCEEDED'")).toEqual([]);
  expect(await sql(running, "select id from task where state <> 'DONE'")).toEqual([]);
}

function expectOnce(erp: LedgerRow[], wms: LedgerRow[], orders: MadeOrder[]): void {
  expect([...erp, ...wms].filter((row) => row.creates !== 1)).toEqual([]);
  const missing = orders.filter((order) => !erp.some((row) => row.key === `SHOPIFY_${order.id}`));
  expect(missing.map((order) => order.id)).toEqual([]);
  const unshipped = orders.filter((order) => order.ships && !wms.some((row) => row.key.includes(order.id)));
  expect(unshipped.map((order) => order.id)).toEqual([]);
}

async function wipe(running: Cluster): Promise<void> {
  if (redis) {
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    return;
  }
  const tables = await sql<{ name: string }>(
    running,
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'",
  );
  expect(tables.length).toBeGreaterThan(0);
  // The queue locks its tables in an order of its own: where the two meet, one is told of a deadlock and tries again.
  await until(async () => await sql(running, `truncate ${tables.map((table) => table.name).join(", ")}`), { what: "the wipe" });
}

describe.each([
  ["the PostgreSQL backend", false],
  ["Redis", true],
] as const)("with hints on %s", (name, onRedis) => {
  const skip = onRedis && !hasRedis;

  it.skipIf(skip)("a queue wiped while tasks wait in it loses none", async () => {
    const running = await start(onRedis);
    const orders = ordersOf(`wipe ${name}`);
    running.signalWorker(0, "SIGSTOP");
    await sendAll(running, orders);
    await wipe(running);
    running.signalWorker(0, "SIGCONT");
    await until(async () => (await posted(running)) >= 5, { timeoutMs: 30_000, what: "orders to come through" });
    await wipe(running);
    await expectEachOnce(running, orders);
  });

  it.skipIf(skip)("everything killed at once (kill -9) and started again goes on where it was", async () => {
    const running = await start(onRedis, { workers: 2 });
    const orders = ordersOf(`kill ${name}`);
    await running.fault({ connection: "northwind-erp", kind: "delay", times: ORDERS, delayMs: 40 });
    const sent = sendAll(running, orders);
    await until(async () => (await posted(running)) >= 5, { timeoutMs: 30_000, what: "orders to come through" });
    await running.killAll();
    await running.startAll();
    await sent;
    await expectEachOnce(running, orders);
  });

  it.skipIf(skip)("a worker frozen for longer than its lease doubles nothing when it wakes", async () => {
    const running = await start(onRedis, { workers: 2 });
    const orders = ordersOf(`freeze ${name}`);
    await running.fault({ connection: "northwind-erp", kind: "delay", times: ORDERS, delayMs: 60 });
    await sendAll(running, orders);
    await until(async () => (await posted(running)) >= 5, { timeoutMs: 30_000, what: "orders to come through" });
    const claimed = "select worker, count(*)::int as held from task where state = 'CLAIMED' group by worker";
    running.signalWorker(0, "SIGSTOP");
    const frozen = await sql<{ worker: string; held: number }>(running, claimed);
    expect(frozen.length).toBeGreaterThan(0);
    // The other one takes over and finishes; the frozen one still believes that it holds its tasks.
    await running.settled(60_000);
    running.signalWorker(0, "SIGCONT");
    const after = ordersOf(`thawed ${name}`, 5);
    await sendAll(running, after);
    await expectEachOnce(running, [...orders, ...after]);
  });
});

describe("PostgreSQL gone in the middle", () => {
  it("senders are asked to try again, answers that came meanwhile are kept, and nothing doubles", async () => {
    const running = await start(false, {
      // A lease that outlasts the outage, on a slow machine too: nobody else may take a task, its worker has to keep the answer.
      env: { ORDERLOOM_LEASE_MS: "12000" },
      databaseVia: async (url) => {
        const direct = new URL(url);
        proxy = await cuttableProxy({ host: direct.hostname, port: Number(direct.port) });
        direct.hostname = "127.0.0.1";
        direct.port = `${proxy.port}`;
        return direct.href;
      },
    });
    const orders = ordersOf("database");
    await running.fault({ connection: "northwind-erp", kind: "delay", times: ORDERS, delayMs: 50 });
    const sent = sendAll(running, orders);
    const cuts = [3, 12, 24];
    for (const share of cuts) {
      await until(async () => (await posted(running)) >= share, { timeoutMs: 30_000, what: `${share} orders` });
      await proxy?.cut();
      const refused = await running.deliver(orders[0]?.body ?? "");
      expect([refused.status, refused.body.code, refused.headers["retry-after"]]).toEqual([503, "notCommitted", "5"]);
      await proxy?.mend();
    }
    await sent;
    await expectEachOnce(running, orders);
    // What was answered while the database was away was not asked for again; of what was being begun at a cut, one or two are.
    const { rows } = await running.ledger("northwind-erp", "salesOrders");
    expect(rows.filter((row) => row.writes > 1).length).toBeLessThanOrEqual(2 * cuts.length);
    expect(await sql(running, "select outcome from attempt where outcome = 'bug'")).toEqual([]);
  });
});

describe("the launcher with its own PostgreSQL", () => {
  it("killed (kill -9) while orders run and started again ends every receipt", async () => {
    const started = await startOrderloom({ embedded: true, env: { ORDERLOOM_LEASE_MS: "1500", ORDERLOOM_REHINT_MS: "2000" } });
    product = started;
    const orders = ordersOf("embedded");
    const secret = northwind("")[0]?.secrets.webhookSecret ?? "";
    const deliver = async (order: MadeOrder): Promise<string | null> => {
      const headers = {
        "x-shopify-topic": "orders/create",
        "x-shopify-event-id": order.eventId,
        "x-shopify-hmac-sha256": signShopify(order.body, secret),
      };
      const { status, body } = await ask(`${started.url}${webhookPath}`, { body: order.body, headers });
      return status === 202 ? body.receipt : null;
    };
    const get = async (path: string) => (await ask(`${started.url}${path}`)).body;
    const surely = (order: MadeOrder) =>
      until(() => deliver(order), { timeoutMs: 60_000, everyMs: 100, what: `order ${order.id} to be taken` });
    const ledger = async (connection: string, name: string): Promise<LedgerRow[]> => {
      const { items } = await get("/api/v1/environments/dev/connections");
      const { config } = items.find((each: { name: string }) => each.name === "northwind-erp");
      const sandbox = new URL(config.baseUrl).origin;
      return (await ask(`${sandbox}/_sandbox/ledger/${connection}/${name}`)).body.rows;
    };

    const receipts = Promise.all(orders.map(surely));
    await until(async () => (await ledger("northwind-erp", "salesOrders")).length >= 10, { timeoutMs: 30_000, what: "orders" });
    await started.kill();
    await started.restart();
    for (const receipt of await receipts) {
      const state = await until(
        async () => {
          const [run] = (await get(`/api/v1/runs?q=${receipt}`)).items;
          return run.state === "RUNNING" ? null : run.state;
        },
        { timeoutMs: 90_000, everyMs: 200, what: `receipt ${receipt} to end` },
      );
      expect(state).toBe("SUCCEEDED");
    }
    expectOnce(await ledger("northwind-erp", "salesOrders"), await ledger("northwind-wms", "orders"), orders);
  });
});
