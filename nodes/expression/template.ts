import type { ExpressionNames } from "#schemas/validate/connectorContext.ts";
import { checkExpression, type ExpressionCheck, evaluateExpression, type Surroundings } from "./expression.ts";
import { ExpressionError } from "./expressionError.ts";
import { namesIn } from "./names.ts";

/** A template in pieces: fixed text, and the text inside `{{ }}` with its place in the whole. */
type Piece = { text: string } | { inside: string; position: number };

function pieces(template: string): Piece[] {
  const result: Piece[] = [];
  let at = 0;
  for (;;) {
    const open = template.indexOf("{{", at);
    if (open < 0) break;
    const close = template.indexOf("}}", open + 2);
    if (close < 0) throw new ExpressionError("template.open", 'The "{{" has no "}}" after it.', { position: open });
    if (open > at) result.push({ text: template.slice(at, open) });
    // The first `}}` ends the part: between the closing braces of nested objects a blank is needed.
    result.push({ inside: template.slice(open + 2, close), position: open + 2 });
    at = close + 2;
  }
  if (at < template.length) result.push({ text: template.slice(at) });
  return result;
}

/** A value as it stands in text: nothing and null are empty, objects and arrays are refused. */
function asText(value: unknown, template: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") {
    throw new ExpressionError(
      "template.noText",
      `A part of "${template}" gives ${Array.isArray(value) ? "an array" : "an object"}, where text is needed.`,
    );
  }
  return String(value);
}

/**
 * Fills in the `{{ jsonata }}` parts of a text. `encode` is applied to what the parts give, not to the fixed text; it
 * gets "" where a part finds nothing. Throws ExpressionError.
 */
export async function renderTemplate(
  template: string,
  input: unknown,
  surroundings: Surroundings,
  encode: (text: string) => string = (text) => text,
): Promise<string> {
  let result = "";
  for (const piece of pieces(template)) {
    result +=
      "text" in piece ? piece.text : encode(asText(await evaluateExpression(piece.inside, input, surroundings), template));
  }
  return result;
}

/** Whether every part of a template can run; `position` counts from the template's start. */
export function checkTemplate(template: string): ExpressionCheck {
  try {
    for (const piece of pieces(template)) {
      if ("text" in piece) continue;
      const check = checkExpression(piece.inside);
      if (!check.ok) return { ...check, position: piece.position + (check.position ?? 0) };
    }
    return { ok: true };
  } catch (raw) {
    if (!(raw instanceof ExpressionError)) throw raw;
    return { ok: false, message: raw.message, ...(raw.position === undefined ? {} : { position: raw.position }) };
  }
}

/** What the parts of a template read that can run; positions count from its start. */
export const namesInTemplate = (template: string): ExpressionNames[] =>
  pieces(template).flatMap((piece) => {
    if ("text" in piece) return [];
    const { free, ...names } = namesIn(piece.inside);
    const placed = free.map((each) => ({ ...each, position: piece.position + (each.position ?? 0) }));
    return [{ ...names, free: placed }];
  });

/** A name, a position in a list, or a quoted name where it is no identifier: `headers.'x-shopify-order-id'`. */
const STEP = /^\s*(?:([A-Za-z_][A-Za-z0-9_]*|\d+)|'([^']*)'|"([^"]*)"|`([^`]*)`)\s*(\.|$)/;

function pathSteps(inside: string, position: number): string[] {
  const steps: string[] = [];
  let rest = inside.trim();
  while (rest !== "") {
    const match = STEP.exec(rest);
    const step = match?.[1] ?? match?.[2] ?? match?.[3] ?? match?.[4];
    const last = match?.[5] === "";
    rest = rest.slice(match?.[0].length ?? 0);
    if (step === undefined || step === "" || last !== (rest === "")) break;
    steps.push(step);
    if (last) return steps;
  }
  throw new ExpressionError(
    "template.noPath",
    `"${inside.trim()}" is no plain path, such as body.id or headers.'x-topic'; only those are allowed here.`,
    {
      position,
    },
  );
}

function follow(context: unknown, steps: readonly string[]): string {
  let value = context;
  for (const step of steps) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return "";
    value = (value as Record<string, unknown>)[step];
  }
  return typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

export interface PathTemplate {
  /** Filled in from the context. "" as a whole when any path finds nothing, so that half a key is never taken for one. */
  (context: unknown): string;
  /** The paths in it, such as `secrets.apiKey`. */
  paths: string[];
}

/**
 * Compiles a text whose `{{ }}` hold plain paths only: no engine runs, so it is fit for what must be read before
 * anybody is trusted. Throws ExpressionError on anything else.
 */
export function plainPathTemplate(template: string): PathTemplate {
  const parts = pieces(template).map((piece) => ("text" in piece ? piece.text : pathSteps(piece.inside, piece.position)));
  const render = (context: unknown): string => {
    let result = "";
    for (const part of parts) {
      const text = typeof part === "string" ? part : follow(context, part);
      if (text === "") return "";
      result += text;
    }
    return result;
  };
  return Object.assign(render, { paths: parts.flatMap((part) => (typeof part === "string" ? [] : [part.join(".")])) });
}
