import { compilePlan } from "#nodes/compilePlan.ts";
import { answer, evaluateSegment } from "#nodes/evaluate.ts";
import { makeLock } from "#nodes/lock.ts";
import type { Plan, RunClock } from "#nodes/plan.ts";
import { round } from "./measure/run.ts";
import { benchEnvironment, benchWorkload } from "./workload/flow.ts";
import { now, orderText } from "./workload/order.ts";

/** CPU milliseconds for each order of the pure part of the reference workload, by stage, in one process. */
export type EvaluateReport = Record<string, number>;

const binding = (connector: string, account: string) => ({ connectionId: account, connector, account, config: {} });

/** The reference workload's plan as the product compiles it. */
async function benchPlan(): Promise<Plan> {
  const { flow, catalog } = await benchWorkload();
  const bindings = {
    shop: binding("shopify", "bench.myshopify.com"),
    erp: binding("bench-target", "erp"),
    wms: binding("bench-target", "wms"),
  };
  return compilePlan({ environment: benchEnvironment, flow, lock: makeLock(flow, catalog), bindings });
}

const clock: RunClock = { runId: "run", now: "2026-11-23T10:00:00.000Z", seed: "seed", sourceNode: "orders" };
const headers = { "content-type": "application/json" };

/** The expressions themselves, without processes around them: what no queue and no database can make faster. */
export async function benchEvaluate(orders: number): Promise<EvaluateReport> {
  const plan = await benchPlan();
  const spent: EvaluateReport = {};
  const timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const before = process.cpuUsage();
    const done = await work();
    const { user, system } = process.cpuUsage(before);
    spent[stage] = (spent[stage] ?? 0) + (user + system) / 1000;
    return done;
  };
  const segment = (node: string, item: unknown) =>
    evaluateSegment(plan, { planKey: plan.key, entry: { node, port: "out" }, item, clock });
  const read = (node: string, item: unknown, body: string) =>
    answer(plan, { planKey: plan.key, node, item, clock, question: "request", response: { status: 201, headers, body } });

  const one = async (id: number): Promise<void> => {
    const text = orderText(id, now());
    const item: unknown = await timed("parse", async () => JSON.parse(text));
    const mapped = await timed("map, check and render for the ERP", () => segment("orders", item));
    if (!mapped.ok) throw new Error(`The reference workload failed: ${mapped.reason.message}`);
    const order = mapped.effects[0]?.item;
    await timed("read the ERP's answer", () => read("erp", order, `{"erpId":"E${id}"}`));
    await timed("render for the WMS", () => segment("erp", order));
    await timed("read the WMS's answer", () => read("wms", order, `{"wmsId":"W${id}"}`));
  };
  // The first half makes the machine code.
  for (let id = 1; id <= orders; id++) await one(id);
  for (const stage of Object.keys(spent)) delete spent[stage];
  for (let id = 1; id <= orders; id++) await one(id);
  return Object.fromEntries(Object.entries(spent).map(([stage, ms]) => [stage, round(ms / orders, 3)]));
}
