import { versionRank } from "#schemas/versionRank.ts";
import { configured, configuredKey, configuredMs, invalid } from "../controlConfig.ts";
import type { ExecuteControl } from "../controlNode.ts";

/** The item's key, and what tells it from older ones of the same key. */
export const execute: ExecuteControl = async (item, config, context) => {
  const found = await configuredKey(config, "key", item, context);
  if (!found.ok) return found;
  const act = { act: "coalesce" as const, key: found.key, waitMs: configuredMs(config, "waitSeconds", 30) };
  if (config.version === undefined) return { ok: true, act: { ...act, version: null } };
  const result = await configured(config, "version", item, context);
  if (!result.ok) return result;
  const { value } = result;
  if (typeof value === "string" || typeof value === "number") return { ok: true, act: { ...act, version: versionRank(value) } };
  return invalid(
    "coalesce.noVersion",
    'The expression "version" gave no number and no time for this item.',
    "/config/version",
    "Check that every item has it, or leave the field empty: then the item that came last is the newest.",
    value === undefined ? undefined : "a value of another kind",
  );
};
