import jsonata from "jsonata";
import type { RunClock } from "../plan.ts";
import { ExpressionError, toExpressionError } from "./expressionError.ts";
import { FIXED, registerFunctions } from "./functions.ts";
import { toPlainJson } from "./plain.ts";
import { seededRandom } from "./random.ts";
import { compilePattern, LinearRegExp } from "./regex.ts";

/** Wall clock of one expression in milliseconds. Less than an evaluator's own, so that it can say what took so long. */
export const EXPRESSION_TIMEOUT_MS = 3_000;
/** Nested evaluations: about ten for each call of a recursive function. */
export const EXPRESSION_STACK = 1_000;
/** Members of one array that an expression makes. */
export const EXPRESSION_SEQUENCE = 100_000;
/** The longest text that is compiled; the connector and flow schemas have the same limit. */
export const EXPRESSION_MAX_LENGTH = 65_536;
/** Compiled expressions kept, the least recently used go first. */
const KEPT_EXPRESSIONS = 500;

/** What an expression may know besides its input. */
export interface Surroundings {
  clock: RunClock;
  /** Tells two nodes of a run apart, so that their random numbers differ: the node's id. */
  salt: string;
  /** Bound as `$name`. */
  variables: Readonly<Record<string, unknown>>;
}

const compiled = new Map<string, jsonata.Expression>();

/** The regular expressions in a syntax tree; JSONata itself only looks at them when they run. */
function checkPatterns(tree: unknown, seen = new Set<object>()): void {
  if (typeof tree !== "object" || tree === null || seen.has(tree)) return;
  seen.add(tree);
  if (tree instanceof RegExp) compilePattern(tree);
  else for (const part of Object.values(tree)) checkPatterns(part, seen);
}

function compile(text: string): jsonata.Expression {
  const known = compiled.get(text);
  if (known) {
    // Their order only matters once some have to go.
    if (compiled.size === KEPT_EXPRESSIONS) {
      compiled.delete(text);
      compiled.set(text, known);
    }
    return known;
  }
  if (text.length > EXPRESSION_MAX_LENGTH) {
    throw new ExpressionError("expression.tooLong", `The expression is longer than ${EXPRESSION_MAX_LENGTH} characters.`);
  }
  const expression = jsonata(text, {
    // Only `exec` and `lastIndex` are used of it.
    RegexEngine: LinearRegExp as unknown as RegExpConstructor,
    timeout: EXPRESSION_TIMEOUT_MS,
    stack: EXPRESSION_STACK,
    sequence: EXPRESSION_SEQUENCE,
  });
  checkPatterns(expression.ast());
  registerFunctions(expression);
  const oldest = compiled.size >= KEPT_EXPRESSIONS ? compiled.keys().next().value : undefined;
  if (oldest !== undefined) compiled.delete(oldest);
  compiled.set(text, expression);
  return expression;
}

/**
 * Runs a JSONata expression on `input` and gives plain JSON, or `undefined` when it finds nothing. The same text, input
 * and surroundings give the same result, today and in a year. Throws ExpressionError.
 */
export async function evaluateExpression(text: string, input: unknown, surroundings: Surroundings): Promise<unknown> {
  const { clock, salt, variables } = surroundings;
  const fixed = { millis: Date.parse(clock.now), random: seededRandom(`${clock.seed}/${salt}`) };
  try {
    return toPlainJson(await compile(text).evaluate(input, { ...variables, [FIXED]: fixed }));
  } catch (raw) {
    throw toExpressionError(raw);
  }
}

/** The syntax tree of an expression that can run here. Throws ExpressionError. */
export function syntaxTree(text: string): unknown {
  try {
    return compile(text).ast();
  } catch (raw) {
    throw toExpressionError(raw);
  }
}

/** Whether the text is an expression that can run here; `position` is the character offset of the fault. */
export type ExpressionCheck = { ok: true } | { ok: false; message: string; position?: number };

export function checkExpression(text: string): ExpressionCheck {
  try {
    compile(text);
    return { ok: true };
  } catch (raw) {
    const { message, position } = toExpressionError(raw);
    return position === undefined ? { ok: false, message } : { ok: false, message, position };
  }
}
