import { sql } from "kysely";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { Type } from "typebox";
import { connectionHealth } from "#runtime/store/connectionHealth.ts";
import { failedPromotions } from "#runtime/store/promotionList.ts";
import { readStorage } from "#runtime/store/storage.ts";
import type { ApiParts, App } from "./app.ts";
import { ruleOf } from "./permissions.ts";

/** How old the counts of a scrape may be; a scrape never costs more than one look. */
const FRESH_MS = 5_000;

/** `GET /metrics` in Prometheus' text format. */
export function metrics(app: App, { engine }: ApiParts): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "orderloom_" });
  const open = new Gauge({
    name: "orderloom_tasks_open",
    help: "Tasks not yet ended.",
    labelNames: ["environment", "queue", "state"],
    registers: [registry],
  });
  const letters = new Gauge({
    name: "orderloom_dead_letters_open",
    help: "Open dead letters.",
    labelNames: ["environment", "flow", "class"],
    registers: [registry],
  });
  const failed = new Gauge({
    name: "orderloom_promotions_failed",
    help: "1 for a flow and environment whose last promotion was approved and ended by itself: it could not be activated when its time came, or was stopped as a canary.",
    labelNames: ["environment", "flow"],
    registers: [registry],
  });
  const hints = new Gauge({
    name: "orderloom_hints_waiting",
    help: "Hints in the queue.",
    labelNames: ["queue"],
    registers: [registry],
  });
  const bytes = new Gauge({
    name: "orderloom_database_bytes",
    help: "Size of the database; from ORDERLOOM_STORAGE_LIMIT_BYTES on nothing more is accepted.",
    registers: [registry],
  });
  const connection = (name: string, help: string, more: string[] = []) =>
    new Gauge({
      name: `orderloom_connection_${name}`,
      help,
      labelNames: ["environment", "connection", ...more],
      registers: [registry],
    });
  const fares = {
    waiting: connection("waiting", "Effects that could be performed now, but for the connection."),
    inUse: connection("places_in_use", "Requests under way."),
    places: connection("places", "Requests that may be under way at most."),
    breaker: connection("breaker", "1 for the state that the circuit breaker is in.", ["state"]),
    closed: connection("closed", "1 while the target has asked to be left alone."),
  };
  let looked = 0;

  const look = async (): Promise<void> => {
    if (performance.now() - looked < FRESH_MS && looked > 0) return;
    looked = performance.now();
    const [tasks, dead, depth, storage, connections, promotions] = await Promise.all([
      sql<{ environment: string; queue: string; state: string; count: number }>`
        select environment, queue, state, count(*)::int as count from task where state in ('READY', 'CLAIMED')
        group by environment, queue, state`.execute(engine.db),
      sql<{ environment: string; flow: string; class: string; count: number }>`
        select environment, flow_id as flow, class, count(*)::int as count from dead_letter where state = 'open'
        group by environment, flow_id, class`.execute(engine.db),
      engine.queues.depth().catch(() => ({}) as Record<string, number>),
      readStorage(engine.db),
      connectionHealth(engine.db),
      failedPromotions(engine.db),
    ]);
    bytes.set(storage.bytes);
    for (const gauge of Object.values(fares)) gauge.reset();
    for (const each of connections) {
      const labels = { environment: each.environment, connection: each.name };
      fares.waiting.set(labels, each.waiting);
      fares.inUse.set(labels, each.inUse);
      fares.places.set(labels, each.places);
      for (const state of ["closed", "open", "halfOpen"]) fares.breaker.set({ ...labels, state }, Number(each.breaker === state));
      fares.closed.set(labels, Number(each.closedUntil !== null));
    }
    open.reset();
    letters.reset();
    failed.reset();
    for (const { environment, flow } of promotions) failed.set({ environment, flow }, 1);
    for (const { count, ...labels } of tasks.rows) open.set(labels, count);
    for (const { count, ...labels } of dead.rows) letters.set(labels, count);
    for (const [queue, count] of Object.entries(depth)) hints.set({ queue }, count);
  };

  const schema = {
    tags: ["probes"],
    summary: "Numbers for Prometheus",
    produces: ["text/plain"],
    ...{ "x-permission": ruleOf("GET", "/metrics") },
    response: { 200: Type.String({ description: "Prometheus' text format." }) },
  };
  app.get("/metrics", { schema, config: { rule: ruleOf("GET", "/metrics") } }, async (_request, reply) => {
    await look();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
