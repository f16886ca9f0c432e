import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { answer, calledFlow, caller, callerConnection } from "./support/caller.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { deploy, graph } from "./support/deploy.ts";
import { until } from "./support/until.ts";

let cluster: Cluster;
let database: pg.Pool;
let { start, responded, runOf, ends } = {} as ReturnType<typeof caller>;
/** Answers nothing until it is told to. */
let system: Server;
const asked: ServerResponse[] = [];

beforeAll(async () => {
  system = createServer((_request, response) => asked.push(response));
  await new Promise<void>((resolve) => system.listen(0, "127.0.0.1", resolve));
  cluster = await startCluster({ workers: 2 });
  database = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  database.on("error", () => {});
  ({ start, responded, runOf, ends } = caller(cluster, database));
  await cluster.connect(callerConnection);
  await cluster.connect({
    name: "parcels",
    connector: "shipstation",
    config: { accountName: "parcels", baseUrl: `http://127.0.0.1:${(system.address() as AddressInfo).port}` },
    secrets: { apiKey: "k", apiSecret: "s" },
  });
});
afterAll(async () => {
  await database.end();
  await cluster.stop();
  system.closeAllConnections();
  system.close();
});

const map = (id: string, expression: string): FlowNode => ({ id, type: "map", config: { expression } });
const letters = async (id: string, code: string): Promise<number> =>
  (
    await database.query("select count(*)::int as count from dead_letter where flow_id = $1 and reason ->> 'code' = $2", [
      id,
      code,
    ])
  ).rows[0].count;

/** The most memory that a process ever had, in MB. */
async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

describe("many items", () => {
  it("10,000 items of one message, each a task of its own, meet again in one join, in their order", async () => {
    const count = 10_000;
    await deploy(
      cluster,
      calledFlow(
        "ten-thousand",
        [
          { id: "each", type: "split", config: { items: "lines" } },
          map("twice", "{ 'n': n, 'twice': n * 2 }"),
          { id: "all", type: "join", config: { split: "each" } },
          map("sum", "{ 'count': $count($), 'sum': $sum(twice), 'sorted': $join($string(n)[[0..4]], ' '), 'last': $[-1].n }"),
          answer,
        ],
        "called each",
        "each.item twice",
        "twice all",
        "all sum",
        "sum answer",
      ),
    );
    const from = performance.now();
    const receipt = await start("ten-thousand", { lines: Array.from({ length: count }, (_each, n) => ({ n })) });
    const { body } = await responded("ten-thousand", receipt, 60_000);
    const seconds = (performance.now() - from) / 1000;
    const peaks = await Promise.all(cluster.workerPids().map(peakMb));
    console.log(`10,000 split items: ${seconds.toFixed(1)} s, workers at most ${Math.max(...peaks).toFixed(0)} MB`);
    expect(body).toMatchObject({ count, sum: count * (count - 1), last: count - 1 });
    const run = await ends(receipt);
    expect(run).toMatchObject({ state: "SUCCEEDED", open: 0 });
    const { rows } = await database.query(
      `select (select count(*)::int from task where run_id = $1 and kind = 'segment' and node_id = 'each') as items,
        (select count(*)::int from task where run_id = $1 and node_id = 'all' and port is null) as joins,
        (select count(*)::int from task where run_id = $1 and node_id = 'all' and kind = 'segment') as fired,
        (select count(*)::int from task where run_id = $1 and state <> 'DONE') as others`,
      [run.id],
    );
    expect(rows).toEqual([{ items: count, joins: 1, fired: 1, others: 0 }]);
    expect(Math.max(...peaks)).toBeLessThan(600);
    // People look at such a run as well.
    const looked = performance.now();
    const trace = await cluster.call("GET", `/api/v1/runs/${run.id}/trace`);
    expect(trace.body).toMatchObject({
      reproduces: true,
      differences: [],
      nodes: { all: { status: "done" }, sum: { status: "done" } },
    });
    expect(trace.body.nodes.answer.inputs.in).toEqual([body]);
    expect(trace.body.nodes.twice.outputs.out.length).toBeGreaterThan(100);
    expect(trace.body.omitted).toBeGreaterThan(count);
    const detail = await cluster.call("GET", `/api/v1/runs/${run.id}`);
    expect(detail.body.tasks).toHaveLength(100);
    expect(detail.body.counts).toEqual({ tasks: expect.any(Number), deadLetters: 0 });
    expect(detail.body.counts.tasks).toBeGreaterThan(2 * count);
    const page = async (after: string) =>
      (await cluster.call("GET", `/api/v1/runs/${run.id}/tasks?node=each&limit=200${after}`)).body;
    const first = await page("");
    const second = await page(`&cursor=${first.next}`);
    const paths = [first, second].flatMap(({ items }: { items: { itemPath: string }[] }) =>
      items.map(({ itemPath }) => itemPath),
    );
    expect([first.count, second.count, new Set(paths).size]).toEqual([count, count, 400]);
    console.log(`its page: ${((performance.now() - looked) / 1000).toFixed(1)} s`);
  });

  it("5,000 inventory updates go on in batches of 500, each update in one of them", async () => {
    await deploy(
      cluster,
      calledFlow(
        "updates",
        [
          { id: "each", type: "split", config: { items: "updates" } },
          { id: "gather", type: "batch", config: { count: 500, waitSeconds: 2 } },
          map("skus", "sku"),
        ],
        "called each",
        "each.item gather",
        "gather skus",
      ),
    );
    const updates = Array.from({ length: 5_000 }, (_each, n) => ({ sku: `SKU-${n}`, onHand: n % 90 }));
    const from = performance.now();
    const receipt = await start("updates", { updates });
    expect(await ends(receipt, 60_000)).toMatchObject({ state: "SUCCEEDED" });
    console.log(`5,000 updates: ${((performance.now() - from) / 1000).toFixed(1)} s`);
    const { rows } = await database.query(
      `select coalesce(m.body, p.body) as body from message m left join payload p on p.id = m.payload_id
        where m.flow_id = 'updates' and m.source_node = 'gather'`,
    );
    const batches = rows.map(({ body }) => JSON.parse(body) as { sku: string }[]);
    expect(batches.map((batch) => batch.length).sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, () => 500));
    expect(new Set(batches.flat().map(({ sku }) => sku)).size).toBe(5_000);
  });

  it("a batch goes on when it is full by bytes, and what is left when its time is over", async () => {
    await deploy(
      cluster,
      calledFlow(
        "bytes",
        [
          { id: "each", type: "split", config: { items: "$" } },
          { id: "gather", type: "batch", config: { bytes: 1_000, waitSeconds: 1 } },
          map("count", "$count($)"),
        ],
        "called each",
        "each.item gather",
        "gather count",
      ),
    );
    const receipt = await start(
      "bytes",
      Array.from({ length: 7 }, (_each, n) => ({ n, text: "x".repeat(300) })),
    );
    await ends(receipt);
    const { rows } = await database.query(
      "select body from message where flow_id = 'bytes' and source_node = 'gather' order by id",
    );
    const batches = rows.map(({ body }) => JSON.parse(body) as { n: number }[]);
    expect(
      batches
        .flat()
        .map(({ n }) => n)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const batch of batches) expect(JSON.stringify(batch).length).toBeLessThan(1_100);
    expect(batches.length).toBe(3);
  });
});

describe("joins", () => {
  const joined = (id: string, item: FlowNode[], limit: object = {}): Flow =>
    calledFlow(
      id,
      [
        { id: "each", type: "split", config: { items: "lines" } },
        ...item,
        { id: "all", type: "join", config: { split: "each", ...limit } },
        map("whole", "{ 'whole': $count($) }"),
        answer,
      ],
      "called each",
      `each.item ${item[0]?.id ?? "all"}`,
      ...item.map((node) => `${node.id} all`),
      "all whole",
      "whole answer",
      "all.incomplete answer",
    );

  it("of an empty list go on at once", async () => {
    await deploy(cluster, joined("empty", [map("line", "$")]));
    expect(await responded("empty", await start("empty", { lines: [] }))).toEqual({ status: 200, body: { whole: 0 } });
  });

  it("whose every item died go on as incomplete", async () => {
    await deploy(cluster, joined("died", [map("line", "$error('No.')")]));
    const receipt = await start("died", { lines: [1, 2, 3] });
    expect(await responded("died", receipt)).toMatchObject({ status: 200, body: { expected: 3, arrived: 0, timedOut: false } });
    expect((await ends(receipt)).state).toBe("PARTIAL");
  });

  it("whose time runs out go on with what has arrived; what comes later is for a person", async () => {
    const slow: FlowNode = { id: "slow", type: "delay", version: 2, config: { until: "slow ? $millis() + 2500 : $millis()" } };
    await deploy(cluster, joined("late", [slow], { timeoutSeconds: 0.5 }));
    const receipt = await start("late", { lines: [{ slow: false }, { slow: true }, { slow: false }] });
    expect(await responded("late", receipt)).toMatchObject({ status: 200, body: { expected: 3, arrived: 2, timedOut: true } });
    expect((await ends(receipt)).state).toBe("PARTIAL");
    expect(await letters("late", "join.late")).toBe(1);
  });
});

describe("waiting", () => {
  const waits =
    (timeoutSeconds: number) =>
    (id: string): Flow =>
      calledFlow(
        id,
        [
          { id: "kind", type: "switch", config: { cases: [{ port: "receipt", when: "kind = 'receipt'" }] } },
          { id: "wait", type: "wait", config: { key: "rma", messageKey: "rma", timeoutSeconds, keepSeconds: 60 } },
          map("met", "{ 'met': item.rma, 'by': message.by }"),
          map("alone", "{ 'alone': rma }"),
          answer,
        ],
        "called kind",
        "kind.otherwise wait",
        "kind.receipt wait.message",
        "wait met",
        "wait.timeout alone",
        "met answer",
        "alone answer",
      );

  it("a return meets its receipt, which comes later, and takes its other way when none comes", async () => {
    await deploy(cluster, waits(60)("returns"));
    const [first, second] = [await start("returns", { rma: "R-1" }), await start("returns", { rma: "R-2" })];
    await start("returns", { kind: "receipt", rma: "R-2", by: "dock 4" });
    expect((await responded("returns", second)).body).toEqual({ met: "R-2", by: "dock 4" });
    const waiting = await runOf(first);
    expect(waiting.state).toBe("RUNNING");
    const trace = (await cluster.call("GET", `/api/v1/runs/${waiting.id}/trace`)).body;
    expect(trace).toMatchObject({ reproduces: true, nodes: { wait: { status: "waiting" }, met: { status: "notReached" } } });
    await start("returns", { kind: "receipt", rma: "R-1", by: "dock 5" });
    expect((await responded("returns", first)).body).toEqual({ met: "R-1", by: "dock 5" });
    await deploy(cluster, waits(0.5)("forgotten"));
    expect((await responded("forgotten", await start("forgotten", { rma: "R-3" }))).body).toEqual({ alone: "R-3" });
  });

  it("of each key only the newest goes on", async () => {
    await deploy(
      cluster,
      calledFlow(
        "latest",
        [
          { id: "newest", type: "coalesce", config: { key: "sku", version: "at", waitSeconds: 2 } },
          map("kept", "{ 'kept': at }"),
          answer,
        ],
        "called newest",
        "newest kept",
        "kept answer",
      ),
    );
    const sent = [
      { sku: "A", at: "2026-01-01T00:00:02Z" },
      { sku: "A", at: "2026-01-01T00:00:03Z" },
      { sku: "A", at: "2026-01-01T00:00:01Z" },
      { sku: "B", at: "2026-01-01T00:00:01Z" },
    ];
    const receipts: string[] = [];
    for (const each of sent) receipts.push(await start("latest", each));
    const bodies = await Promise.all(receipts.map(async (receipt) => (await responded("latest", receipt)).body));
    expect(bodies.map((body) => body.kept ?? null)).toEqual([null, sent[1]?.at, null, sent[3]?.at]);
  });

  it("a delay, and a sub-flow that waits itself, go on after everything was ended and started again", async () => {
    const below: Flow = {
      ...graph(
        "below",
        [
          { id: "in", type: "sub-flow-input" },
          { id: "later", type: "delay", version: 2, config: { seconds: 6 } },
          map("done", "{ 'below': n }"),
          answer,
        ],
        ["in later", "later done", "done answer"],
      ),
    };
    await deploy(cluster, below);
    await deploy(
      cluster,
      calledFlow("above", [{ id: "call", type: "sub-flow", config: { flow: "below" } }, answer], "called call", "call answer"),
    );
    await deploy(
      cluster,
      calledFlow(
        "delayed",
        [{ id: "later", type: "delay", version: 2, config: { seconds: 6 } }, answer],
        "called later",
        "later answer",
      ),
    );
    const from = performance.now();
    const [delayed, above] = [await start("delayed", { n: 1 }), await start("above", { n: 2 })];
    await until(async () => (await database.query("select 1 from run where flow_id = 'below'")).rows.length === 1);
    await cluster.killAll();
    await cluster.startAll();
    expect((await responded("delayed", delayed)).body).toEqual({ n: 1 });
    expect(performance.now() - from).toBeGreaterThan(5_900);
    expect((await responded("above", above)).body).toEqual({ below: 2 });
    const { rows } = await database.query(
      "select flow_id as flow, count(*)::int from run where flow_id in ('below', 'above', 'delayed') group by 1 order by 1",
    );
    expect(rows).toEqual([
      { flow: "above", count: 1 },
      { flow: "below", count: 1 },
      { flow: "delayed", count: 1 },
    ]);
  });
});

describe("cancelling", () => {
  const cancel = async (receipt: string) => {
    const { id } = await runOf(receipt);
    return (await cluster.call("POST", `/api/v1/runs/${id}/cancel`, { note: "Not wanted." })).body;
  };

  it("ends what is delayed, what waits for a message and what runs; nothing follows, and nobody waits in vain", async () => {
    await deploy(
      cluster,
      calledFlow(
        "put-off",
        [{ id: "later", type: "delay", version: 2, config: { seconds: 3600 } }, answer],
        "called later",
        "later answer",
      ),
    );
    await deploy(
      cluster,
      graph(
        "fetched",
        [{ id: "notified", type: "shipstation.shipped", slot: "parcels" }, map("after", "shipments")],
        ["notified after"],
        [{ name: "parcels", connector: "shipstation" }],
      ),
    );
    const delayed = await start("put-off", { n: 1 });
    const waiting = await start("returns", { rma: "R-9" });
    const accepted = await cluster.call("POST", "/hooks/dev/fetched/notified", { resource_url: "https://x/shipments?batchId=1" });
    const running = accepted.body.receipt as string;
    await until(() => asked.length === 1, { what: "the request" });
    await until(async () => (await runOf(delayed)).open === 1 && (await runOf(waiting)).open === 1);
    await until(async () => (await database.query("select 1 from task where flow_id = 'returns' and meet_key = 'R-9'")).rows[0]);
    expect(await cancel(delayed)).toEqual({ waiting: 1, running: 0 });
    expect(await cancel(waiting)).toEqual({ waiting: 1, running: 0 });
    expect(await cancel(running)).toEqual({ waiting: 0, running: 1 });
    expect((await runOf(delayed)).state).toBe("CANCELLED");
    expect((await runOf(waiting)).state).toBe("CANCELLED");
    expect((await responded("put-off", delayed)).status).toBe(409);
    asked[0]?.writeHead(200, { "content-type": "application/json" }).end('{"shipments":[{"id":1}],"pages":1}');
    expect((await ends(running)).state).toBe("CANCELLED");
    const { rows } = await database.query("select kind, state from task where run_id = $1 order by id", [
      (await runOf(running)).id,
    ]);
    // What was being done is recorded; nothing came of it.
    expect(rows).toEqual([
      { kind: "segment", state: "DONE" },
      { kind: "effect", state: "DONE" },
    ]);
  });
});
