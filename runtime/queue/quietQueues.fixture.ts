import type { HintQueues } from "./hintQueues.ts";

/** Queues without a queue: hints go nowhere, and `listen` gets the handlers, so that a test can give the hints itself. */
export const quietQueues = (listen: HintQueues["listen"]): HintQueues => ({
  listen,
  hint: async () => {},
  waiting: async () => 0,
  depth: async () => ({}),
  health: async () => true,
  close: async () => {},
});
