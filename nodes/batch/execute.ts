import { configuredKey, configuredMs, configuredNumber } from "../controlConfig.ts";
import type { ExecuteControl } from "../controlNode.ts";

/** The batch that the item belongs to, and when that leaves. */
export const execute: ExecuteControl = async (item, config, context) => {
  const found = config.key === undefined ? { ok: true as const, key: "" } : await configuredKey(config, "key", item, context);
  if (!found.ok) return found;
  return {
    ok: true,
    act: {
      act: "batch",
      key: found.key,
      count: configuredNumber(config, "count", 100),
      bytes: configuredNumber(config, "bytes", 1_000_000),
      waitMs: configuredMs(config, "waitSeconds", 60),
    },
  };
};
