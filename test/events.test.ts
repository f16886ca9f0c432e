import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Flow } from "#schemas/flow.ts";
import { calledFlow, caller, callerConnection } from "./support/caller.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { deploy, graph } from "./support/deploy.ts";
import { until } from "./support/until.ts";

let cluster: Cluster;
let database: pg.Pool;
let { start, ends } = {} as ReturnType<typeof caller>;
beforeAll(async () => {
  cluster = await startCluster({ workers: 2 });
  database = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  database.on("error", () => {});
  ({ start, ends } = caller(cluster, database));
  await cluster.connect(callerConnection);
  await cluster.connect({ name: "orders", connector: "events", config: { bus: "orders" }, secrets: {} });
  await cluster.connect({ name: "other", connector: "events", config: { bus: "other" }, secrets: {} });
});
afterAll(async () => {
  await database?.end();
  await cluster?.stop();
});

const bus = { name: "bus", connector: "events" };
/** A flow that takes events and does nothing more with them. */
const subscriber = (id: string, topic: string): Flow =>
  graph(
    id,
    [
      { id: "told", type: "events.published", slot: "bus", config: { topic } },
      { id: "kept", type: "map", config: { expression: "data" } },
    ],
    ["told kept"],
    [bus],
  );

function publisher(): Flow {
  const flow = calledFlow(
    "publisher",
    [
      {
        id: "tell",
        type: "events.publish",
        slot: "bus",
        config: { topic: "orders.{{ state }}", key: "{{ order }}", documentKey: "order & ':' & $string(n)" },
      },
      { id: "answer", type: "respond" },
    ],
    "called tell",
    "tell.result answer",
  );
  return { ...flow, slots: [...flow.slots, bus] };
}

/** What a flow was told, in the order in which its runs began to be worked on. */
async function told(flow: string): Promise<{ order: string; n: number }[]> {
  const { rows } = await database.query("select body::jsonb as body from message where flow_id = $1 order by id", [flow]);
  return rows.map(({ body }) => body.data);
}

it("events reach every subscriber of their topic once, those of one key in their order, also when they are published again", async () => {
  await deploy(cluster, publisher(), { slots: { caller: "caller", bus: "orders" } });
  await deploy(cluster, subscriber("all", "*"), { slots: { bus: "orders" } });
  await deploy(cluster, subscriber("posted", "orders.posted"), { slots: { bus: "orders" } });
  await deploy(cluster, subscriber("elsewhere", "*"), { slots: { bus: "other" } });
  const send = async (order: string, n: number, state: string) => start("publisher", { order, n, state });

  const receipts: string[] = [];
  for (let n = 0; n < 12; n++) receipts.push(await send(`order-${n % 3}`, n, n % 2 ? "posted" : "shipped"));
  for (const receipt of receipts) expect((await ends(receipt)).state).toBe("SUCCEEDED");
  await until(async () => (await told("all")).length === 12, { what: "all events" });
  expect((await told("posted")).map(({ n }) => n).sort((a, b) => a - b)).toEqual([1, 3, 5, 7, 9, 11]);
  expect(await told("elsewhere")).toEqual([]);
  const keys = await database.query("select distinct document_key as key from message where flow_id = 'all' order by 1");
  expect(keys.rows.map(({ key }) => key)).toEqual(["order-0", "order-1", "order-2"]);

  // The same again, as a redelivered webhook brings it: nobody is told twice. With other data it is another event.
  for (let n = 0; n < 6; n++)
    expect((await ends(await send(`order-${n % 3}`, n, n % 2 ? "posted" : "shipped"))).state).toBe("SUCCEEDED");
  expect((await ends(await send("order-0", 0, "posted"))).state).toBe("SUCCEEDED");
  await until(async () => (await told("all")).length === 13, { what: "the changed event" });
  expect((await told("posted")).length).toBe(7);
  await until(
    async () =>
      (await database.query("select 1 from run where flow_id in ('all', 'posted') and state = 'RUNNING'")).rowCount === 0,
  );
  const { rows } = await database.query("select state, count(*)::int from run where flow_id in ('all', 'posted') group by 1");
  expect(rows).toEqual([{ state: "SUCCEEDED", count: 20 }]);
});
