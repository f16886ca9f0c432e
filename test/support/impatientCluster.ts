import { Client } from "pg";
import { expect } from "vitest";
import { type MadeOrder, makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { RunDetail } from "#schemas/api.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { makeImpatient } from "./impatientVersion.ts";
import { until } from "./until.ts";

/** A cluster with short leases whose sandbox flow keeps nobody waiting, and a connection to its database. */
export interface ImpatientCluster {
  cluster: Cluster;
  client: Client;
  stop(): Promise<void>;
}

export async function startImpatientCluster(): Promise<ImpatientCluster> {
  const cluster = await startCluster({ env: { ORDERLOOM_LEASE_MS: "5000" } });
  await makeImpatient(cluster.databaseUrl);
  const client = new Client({ connectionString: cluster.databaseUrl });
  await client.connect();
  return {
    cluster,
    client,
    async stop() {
      await client.end();
      await cluster.stop();
    },
  };
}

/** The orders of one test, numbered on; each goes to the ERP and to the warehouse. */
export function ordersOf(seed: string) {
  let made = 0;
  return {
    /** The next one; one that is `wrong` fails validation before. */
    next: (wrong = false): MadeOrder => {
      for (;;) {
        made++;
        const order = makeShopifyOrder(seed, made, wrong ? { invalid: true } : {});
        if (order.ships) return order;
      }
    },
    /** The last one as it is when nothing is wrong with it. */
    lastRight: (): MadeOrder => makeShopifyOrder(seed, made),
  };
}

/** What is delivered instead of an order's own. */
export interface Edit {
  body?: string;
  event?: string;
}

/** Delivers an order and answers its run's id. */
export async function deliver(
  cluster: Cluster,
  order: MadeOrder,
  { body = order.body, event = order.eventId }: Edit = {},
): Promise<string> {
  const answer = await cluster.deliver(body, { "x-shopify-event-id": event });
  expect(answer.status).toBe(202);
  return (await cluster.call("GET", `/api/v1/runs?q=${answer.body.receipt}`)).body.items[0].id;
}

export const runDetail = async (cluster: Cluster, run: string): Promise<RunDetail> =>
  (await cluster.call("GET", `/api/v1/runs/${run}`)).body;

/** The run once it has ended. */
export const runEnded = (cluster: Cluster, run: string): Promise<RunDetail> =>
  until(
    async () => {
      const detail = await runDetail(cluster, run);
      return detail.run.state === "RUNNING" ? null : detail;
    },
    { timeoutMs: 60_000, everyMs: 50, what: `run ${run} to end` },
  );
