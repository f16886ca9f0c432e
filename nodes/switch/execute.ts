import { expressionFailure } from "../expression/expressionFailure.ts";
import type { Execute, PureOutcome } from "../pureNode.ts";

interface Case {
  port: string;
  when: string;
}

const kindOf = (value: unknown): string =>
  value === undefined
    ? "nothing"
    : value === null
      ? "null"
      : Array.isArray(value)
        ? "an array"
        : `a value of type ${typeof value}`;

/** A condition that gives no boolean is a mistake in it: guessing would send an order down the wrong way in silence. */
const noBoolean = (name: string, index: number, found: unknown): PureOutcome => ({
  ok: false,
  class: "invalid",
  reason: {
    code: "switch.noBoolean",
    message: `The condition of case "${name}" gave ${kindOf(found)}, not true or false.`,
    hint: "Make a comparison of it, or wrap it in $boolean(...) or $exists(...).",
    path: `/config/cases/${index}/when`,
    expected: "true or false",
    params: { case: name },
    ...(found === undefined ? {} : { found: typeof found === "object" && found !== null ? kindOf(found) : found }),
  },
});

/** Passes the item on unchanged through the first case that is true, else through `otherwise`. */
export const execute: Execute = async (item, config, context) => {
  const cases = (Array.isArray(config.cases) ? config.cases : []) as Case[];
  for (const [index, { port, when }] of cases.entries()) {
    let result: unknown;
    try {
      result = await context.evaluate(when, item);
    } catch (raw) {
      return { ok: false, ...expressionFailure(raw, `/config/cases/${index}/when`, `The condition of case "${port}"`) };
    }
    if (typeof result !== "boolean") return noBoolean(port, index, result);
    if (result) return { ok: true, port, item };
  }
  return { ok: true, port: "otherwise", item };
};
