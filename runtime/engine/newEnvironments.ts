import { listEnvironments } from "#runtime/store/environments.ts";
import type { EngineParts } from "./parts.ts";
import type { Worker } from "./worker.ts";

/** An environment is made once in a while, and the first message for it comes later than this. */
const LOOK_EVERY_MS = 5_000;

/** Lets a worker serve environments that are made while it runs. Answers how to stop that. */
export function serveNewEnvironments(parts: EngineParts, worker: Pick<Worker, "serve">, served: readonly string[]): () => void {
  const known = new Set(served);
  const look = async (): Promise<void> => {
    for (const { id } of await listEnvironments(parts.db)) {
      if (known.has(id)) continue;
      known.add(id);
      await worker.serve(id).catch((error: unknown) => {
        known.delete(id);
        throw error;
      });
    }
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => parts.log.warn({ error: String(error) }, "New environments could not be looked for."));
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
