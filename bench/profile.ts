import { setTimeout as sleep } from "node:timers/promises";
import { type OrdersResult, round, runOrders, startSender } from "./measure/run.ts";
import { startStubs } from "./measure/stubProcess.ts";
import { query, type Shape, startProduct } from "./product/start.ts";

/** What the database did for one stage of an order. */
export interface StageCost {
  stage: string;
  /** Statements for each order; less than one where orders share them. */
  statements: number;
  /** Milliseconds of execution for each order. On a busy machine this is waiting, too. */
  databaseMs: number;
  /** Bytes of write-ahead log for each order. */
  walBytes: number;
}

export interface ProfileReport {
  run: OrdersResult;
  stages: StageCost[];
  /** Milliseconds between the marks that the database keeps of every order: median and 99th percentile. */
  waits: { from: string; p50: number; p99: number }[];
}

/** Statements by what they begin with; the first that fits names the stage. */
const stages: [RegExp, string][] = [
  [/message_key/, "accept: message, run, first task"],
  [/window|hinted/, "sweep: tasks to hint"],
  [/from task where id = any.*for update skip locked/s, "claim"],
  [/lease_until < clock_now\(\)|run where held|lease_until = clock_now\(\) \+ make/, "sweep and leases"],
  [/update task set state/, "checkpoint: end tasks"],
  [/insert into task/, "checkpoint: successors"],
  [/insert into effect/, "checkpoint: intents"],
  [/update effect/, "checkpoint: settle effects"],
  [/insert into attempt/, "checkpoint: attempts"],
  [/insert into milestone/, "checkpoint: milestones"],
  [/update run set/, "checkpoint: runs"],
  [/head_run|document d/, "checkpoint: next run of a document"],
  [/^(begin|commit|start transaction)/i, "begin and commit"],
  [/deployment|"connection"|"version"/, "deployments and connections"],
  [/\bjob\b|bullmq/i, "hints (BullMQ on PostgreSQL)"],
];

const stageOf = (text: string): string => stages.find(([pattern]) => pattern.test(text))?.[1] ?? "other";

/** One run with PostgreSQL counting its statements. */
export async function benchProfile(options: {
  shape: Shape;
  orders: number;
  connections: number;
  profileTo?: string;
}): Promise<ProfileReport> {
  const { shape, orders, connections } = options;
  const stubs = await startStubs();
  const sender = startSender();
  try {
    const product = await startProduct(shape, stubs, { ...options, countStatements: true });
    try {
      const system = `orderloom ${shape}`;
      const run = (count: number) =>
        runOrders({ system, url: product.hookUrl, tops: product.tops, stubs, sender, orders: count, connections });
      await run(Math.ceil(orders / 2));
      await settled(product.databaseUrl);
      await query(product.databaseUrl, "select pg_stat_statements_reset()");
      const [{ at } = { at: "" }] = await query<{ at: string }>(product.databaseUrl, "select clock_now()::text as at");
      const done = await run(orders);
      await settled(product.databaseUrl);
      return { run: done, stages: await stageCosts(product.databaseUrl, orders), waits: await waitsOf(product.databaseUrl, at) };
    } finally {
      await product.stop();
    }
  } finally {
    sender.stop();
    await stubs.stop();
  }
}

async function settled(databaseUrl: string): Promise<void> {
  for (;;) {
    const rows = await query(databaseUrl, "select 1 from run where state = 'RUNNING' limit 1");
    if (rows.length === 0) return;
    await sleep(200);
  }
}

async function stageCosts(databaseUrl: string, orders: number): Promise<StageCost[]> {
  const rows = await query<{ query: string; calls: string; ms: number; wal: string }>(
    databaseUrl,
    "select query, calls, total_exec_time as ms, wal_bytes as wal from pg_stat_statements",
  );
  const sums = new Map<string, { calls: number; ms: number; wal: number }>();
  for (const row of rows) {
    const stage = stageOf(row.query);
    const sum = sums.get(stage) ?? { calls: 0, ms: 0, wal: 0 };
    sums.set(stage, { calls: sum.calls + Number(row.calls), ms: sum.ms + row.ms, wal: sum.wal + Number(row.wal) });
  }
  return [...sums]
    .map(([stage, { calls, ms, wal }]) => ({
      stage,
      statements: round(calls / orders, 3),
      databaseMs: round(ms / orders, 3),
      walBytes: Math.round(wal / orders),
    }))
    .sort((a, b) => b.databaseMs - a.databaseMs);
}

/** The marks: a message's commit, the end of each task, the start and end of each attempt. */
async function waitsOf(databaseUrl: string, since: string): Promise<ProfileReport["waits"]> {
  const rows = await query<{ from: string; p50: number; p99: number }>(
    databaseUrl,
    `with r as (
       select run.id, m.received_at, run.ended_at,
         (select min(t.ended_at) from task t where t.run_id = run.id and t.parent_id is null) as mapped,
         (select min(a.started_at) from attempt a where a.run_id = run.id) as erp_sent,
         (select min(a.ended_at) from attempt a where a.run_id = run.id) as erp_done,
         (select max(a.started_at) from attempt a where a.run_id = run.id) as wms_sent
       from run join message m on m.id = run.message_id where m.received_at >= '${since}' and run.ended_at is not null
     ), w as (
       select 1 as place, 'accepted to mapped and checked (hint, claim, evaluate, checkpoint)' as "from", mapped - received_at as wait from r
       union all select 2, 'mapped to the ERP''s request', erp_sent - mapped from r
       union all select 3, 'ERP''s request to its checkpoint', erp_done - erp_sent from r
       union all select 4, 'ERP''s checkpoint to the WMS''s request (evaluate, checkpoint)', wms_sent - erp_done from r
       union all select 5, 'WMS''s request to the end of the run', ended_at - wms_sent from r
       union all select 6, 'all, from the commit of the message', ended_at - received_at from r
     )
     select "from", percentile_cont(0.5) within group (order by extract(epoch from wait) * 1000) as p50,
       percentile_cont(0.99) within group (order by extract(epoch from wait) * 1000) as p99
     from w group by place, "from" order by place`,
  );
  return rows.map(({ from, p50, p99 }) => ({ from, p50: round(p50, 1), p99: round(p99, 1) }));
}
