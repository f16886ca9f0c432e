import { forbiddenKeys } from "#schemas/json.ts";
import { ExpressionError } from "./expressionError.ts";

/** Deeper results are refused; every later reader may then recurse. */
export const MAX_RESULT_DEPTH = 64;
/** Values in one result. Shared references can make a small result huge once it is written out. */
export const MAX_RESULT_VALUES = 500_000;

/**
 * A JSONata result as plain JSON, copied: sequences become plain arrays, members without a value are left out.
 * `undefined` (nothing found) stays `undefined` at the top. Throws ExpressionError on functions, numbers that JSON does
 * not have, forbidden keys, and results too deep or too large.
 */
export function toPlainJson(value: unknown): unknown {
  const budget = { left: MAX_RESULT_VALUES };
  return copy(value, 0, budget);
}

function copy(value: unknown, depth: number, budget: { left: number }): unknown {
  budget.left -= 1;
  if (budget.left < 0) throw new ExpressionError("expression.tooLarge", `The result has more than ${MAX_RESULT_VALUES} values.`);
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return value;
    case "number":
      return copyNumber(value);
    case "object":
      return value === null ? null : copyContainer(value, depth, budget);
    default:
      throw new ExpressionError("expression.noData", `The result holds a ${typeof value}, which is no data.`);
  }
}

function copyNumber(value: number): number {
  if (!Number.isFinite(value))
    throw new ExpressionError("expression.noData", `The result holds the number ${value}, which is no data.`);
  // JSON text has no negative zero; the value must be the same before and after it was stored.
  return value === 0 ? 0 : value;
}

function copyContainer(value: object, depth: number, budget: { left: number }): unknown {
  if (depth >= MAX_RESULT_DEPTH) {
    throw new ExpressionError("expression.tooDeep", `The result is nested deeper than ${MAX_RESULT_DEPTH} levels.`);
  }
  // JSONata marks its functions on plain objects; they would pass as data otherwise.
  if (Object.hasOwn(value, "_jsonata_function") || Object.hasOwn(value, "_jsonata_lambda")) {
    throw new ExpressionError("expression.noData", "The result holds a function, which is no data.");
  }
  if (Array.isArray(value)) {
    return value.filter((member) => member !== undefined).map((member) => copy(member, depth + 1, budget));
  }
  const plain: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (forbiddenKeys.has(key))
      throw new ExpressionError("expression.forbiddenKey", `The result has the key "${key}", which is not allowed.`);
    const member = copy((value as Record<string, unknown>)[key], depth + 1, budget);
    if (member !== undefined) plain[key] = member;
  }
  return plain;
}
