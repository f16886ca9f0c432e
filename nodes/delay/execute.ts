import { configured, configuredMs, invalid } from "../controlConfig.ts";
import type { ExecuteControl } from "../controlNode.ts";

/** `until` where it is given, else so many seconds from now. */
export const execute: ExecuteControl = async (item, config, context) => {
  if (config.until === undefined) return { ok: true, act: { act: "delay", waitMs: configuredMs(config, "seconds", 0) } };
  const result = await configured(config, "until", item, context);
  if (!result.ok) return result;
  const time = typeof result.value === "number" || typeof result.value === "string" ? new Date(result.value) : undefined;
  if (time && !Number.isNaN(time.getTime())) return { ok: true, act: { act: "delay", until: time.toISOString() } };
  return invalid(
    "delay.noTime",
    'The expression "until" gave no time: ISO 8601 or milliseconds since 1970 are needed.',
    "/config/until",
    "Check that the item has the time, for example with $fromMillis or $toMillis.",
    typeof result.value === "object" && result.value !== null ? "an object or array" : result.value,
  );
};
