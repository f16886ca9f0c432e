import { configuredKey, configuredMs } from "../controlConfig.ts";
import type { ExecuteControl } from "../controlNode.ts";

/** Two weeks: what a marketplace gives a customer to send a return back. */
const TIMEOUT_SECONDS = 1_209_600;
const KEEP_SECONDS = 86_400;

/** The side on which the item came in, and the key by which it meets the other. */
export const execute: ExecuteControl = async (item, config, context, port) => {
  const side = port === "message" ? "message" : "in";
  const found = await configuredKey(config, side === "in" ? "key" : "messageKey", item, context);
  if (!found.ok) return found;
  const waitMs =
    side === "in" ? configuredMs(config, "timeoutSeconds", TIMEOUT_SECONDS) : configuredMs(config, "keepSeconds", KEEP_SECONDS);
  return { ok: true, act: { act: "wait", side, key: found.key, waitMs } };
};
