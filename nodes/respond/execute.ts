import { configured, configuredNumber } from "../controlConfig.ts";
import type { ExecuteControl } from "../controlNode.ts";

/** The answer: the item, or what `body` makes of it; nothing becomes null. */
export const execute: ExecuteControl = async (item, config, context) => {
  const status = configuredNumber(config, "status", 200);
  if (config.body === undefined) return { ok: true, act: { act: "respond", status, body: item } };
  const result = await configured(config, "body", item, context);
  return result.ok ? { ok: true, act: { act: "respond", status, body: result.value ?? null } } : result;
};
