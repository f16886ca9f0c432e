import type { ExecuteControl } from "../controlNode.ts";

/** Tells the engine that the item has arrived at the join of its split. */
export const execute: ExecuteControl = async (_item, config) => ({
  ok: true,
  act: { act: "join", split: String(config.split ?? "") },
});
