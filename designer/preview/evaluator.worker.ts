import { type Job, type Outcome, perform } from "./evaluation.ts";

/** What goes to the worker, and what comes back for it. */
export interface Order {
  id: number;
  job: Job;
}
export type Reply = { id: number; outcome: Outcome } | { id: number; fault: string };

addEventListener("message", async ({ data: { id, job } }: MessageEvent<Order>) => {
  const reply: Reply = await perform(job).then(
    (outcome) => ({ id, outcome }),
    (raw: unknown) => ({ id, fault: raw instanceof Error ? raw.message : String(raw) }),
  );
  postMessage(reply);
});
