import { configured, invalid } from "../controlConfig.ts";
import type { ExecuteControl } from "../controlNode.ts";

/** One checkpoint holds all items of a split; more would hold its transaction, and its locks, for too long. */
export const MAX_ITEMS = 20_000;

/** The elements of the list that `items` gives. One value that is no list is one item; nothing is none. */
export const execute: ExecuteControl = async (item, config, context) => {
  const result = await configured(config, "items", item, context);
  if (!result.ok) return result;
  const items: unknown[] = result.value === undefined ? [] : Array.isArray(result.value) ? [...result.value] : [result.value];
  if (items.length <= MAX_ITEMS) return { ok: true, act: { act: "split", items } };
  const { reason } = invalid(
    "split.tooMany",
    `The list has ${items.length} elements; one split makes at most ${MAX_ITEMS} items.`,
    "/config/items",
    "Split in two steps: into parts first, then each part into its elements.",
  );
  return { ok: false, class: "tooLarge", reason };
};
