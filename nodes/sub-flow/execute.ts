import type { ExecuteControl } from "../controlNode.ts";

/** Names the flow that runs on the item. */
export const execute: ExecuteControl = async (_item, config) => ({
  ok: true,
  act: { act: "subFlow", flow: String(config.flow ?? "") },
});
