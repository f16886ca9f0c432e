import type pg from "pg";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import type { Cluster } from "./cluster.ts";
import { graph } from "./deploy.ts";
import { until } from "./until.ts";

/** The connection by which flows of tests are called. */
export const callerConnection = {
  name: "caller",
  connector: "service",
  config: { name: "caller" },
  secrets: { apiKey: "a-key-that-is-long-and-random" },
};

const called: FlowNode = { id: "called", type: "service.called", slot: "caller", config: { timeoutSeconds: 0.1 } };
export const answer: FlowNode = { id: "answer", type: "respond" };
const slots = [{ name: "caller", connector: "service" }];

/** A flow that begins where it is called; edges as `graph` takes them. */
export const calledFlow = (id: string, nodes: FlowNode[], ...edges: string[]): Flow =>
  graph(id, [called, ...nodes], edges, slots);

/** Calls flows of a cluster and looks at what becomes of their runs. */
export function caller(cluster: Pick<Cluster, "url">, database: pg.Pool) {
  const headers = { "content-type": "application/json", "x-api-key": callerConnection.secrets.apiKey };
  const address = (id: string): string => `${cluster.url}/services/dev/${id}/called`;
  const runOf = async (receipt: string) =>
    (await database.query("select id, state, open_tasks as open from run where message_id = $1 order by id limit 1", [receipt]))
      .rows[0];
  return {
    runOf,

    /** Calls a flow and answers the receipt. */
    async start(id: string, body: unknown): Promise<string> {
      const response = await fetch(address(id), { method: "POST", headers, body: JSON.stringify(body) });
      const receipt = response.headers.get("orderloom-receipt");
      if (!receipt) throw new Error(`${id} gave no receipt: ${response.status} ${await response.text()}`);
      await response.text();
      return receipt;
    },

    /** What the flow responds, once it does. */
    responded: (id: string, receipt: string, timeoutMs = 30_000) =>
      until(
        async () => {
          const response = await fetch(`${address(id)}/${receipt}`, { headers });
          return response.status === 202 ? null : { status: response.status, body: JSON.parse(await response.text()) };
        },
        { timeoutMs, everyMs: 100, what: `an answer of ${id}` },
      ),

    /** The run, once it has ended. */
    ends: (receipt: string, timeoutMs = 30_000) =>
      until(
        async () => {
          const run = await runOf(receipt);
          return run.state === "RUNNING" ? null : run;
        },
        { timeoutMs, everyMs: 50, what: "the run to end" },
      ),
  };
}
