import { expressionFailure } from "../expression/expressionFailure.ts";
import type { Execute } from "../pureNode.ts";

/** Replaces the item by what the expression gives. Class `invalid` when it gives nothing or fails. */
export const execute: Execute = async (item, config, context) => {
  try {
    const result = await context.evaluate(String(config.expression ?? ""), item);
    if (result !== undefined) return { ok: true, port: "out", item: result };
  } catch (raw) {
    return { ok: false, ...expressionFailure(raw, "/config/expression", "The map expression") };
  }
  return {
    ok: false,
    class: "invalid",
    reason: {
      code: "map.nothing",
      message: "The map expression gave nothing for this item.",
      hint: "Check that the paths in the expression exist in the item that arrived.",
      path: "/config/expression",
    },
  };
};
