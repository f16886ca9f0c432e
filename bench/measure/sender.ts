// Sends signed orders over keep-alive connections, in a process of its own so that its work is not counted with anybody
// else's. Told by IPC what to send; answers how it went.
import { Client } from "undici";
import { deliveryHeaders, now, orderText } from "../workload/order.ts";

/** What to send. */
export interface SendJob {
  /** Origin and path. */
  url: string;
  orders: number;
  connections: number;
  /** Orders per second in all; as fast as answers come when absent. */
  rate?: number;
  /** Id of the first order; the following ones count up. */
  firstId: number;
}

export interface Sent {
  /** On the clock of `now`. */
  startedAt: number;
  endedAt: number;
  accepted: number;
  refused: number;
  errors: number;
  /** Of each accepted order, in milliseconds. */
  acknowledgedMs: number[];
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function send(job: SendJob): Promise<Sent> {
  const { origin, pathname } = new URL(job.url);
  const clients = Array.from({ length: job.connections }, () => new Client(origin, { pipelining: 1, headersTimeout: 120_000 }));
  const sent: Sent = { startedAt: now(), endedAt: 0, accepted: 0, refused: 0, errors: 0, acknowledgedMs: [] };
  let next = 0;
  const work = async (client: Client): Promise<void> => {
    while (next < job.orders) {
      const place = next++;
      if (job.rate !== undefined) {
        const due = sent.startedAt + (place * 1000) / job.rate;
        if (due > now()) await sleep(due - now());
      }
      const id = job.firstId + place;
      const at = now();
      const body = orderText(id, at);
      try {
        const answer = await client.request({ method: "POST", path: pathname, headers: deliveryHeaders(id, body), body });
        await answer.body.dump();
        if (answer.statusCode >= 200 && answer.statusCode < 300) {
          sent.accepted++;
          sent.acknowledgedMs.push(now() - at);
        } else sent.refused++;
      } catch {
        sent.errors++;
      }
    }
  };
  await Promise.all(clients.map(work));
  sent.endedAt = now();
  await Promise.all(clients.map((client) => client.close()));
  return sent;
}

process.on("disconnect", () => process.exit(0));
process.on("message", async (job: SendJob) => {
  process.send?.(await send(job));
});
