import { analyse } from "./analyse.ts";
import { type FunctionName, functionNames, isFunctionName } from "./functions.ts";
import type { Known } from "./shape.ts";
import { asName, missingClosers, type Token, tokenize } from "./tokens.ts";
import { type Here, PLACEHOLDER, type Surroundings } from "./walk.ts";

export type Choice =
  | { kind: "field"; name: string; insert: string; shape: Known }
  | { kind: "variable"; name: string; insert: string; shape: Known }
  | { kind: "function"; name: FunctionName; insert: string };

export interface Completion {
  /** Where what was typed of the name begins. */
  from: number;
  choices: Choice[];
}

const insideOf: ReadonlySet<Token["kind"]> = new Set(["comment", "string", "regex"]);

/** What can stand at a place of the text: fields behind a point or a blank, functions and variables behind a `$`. */
export function complete(text: string, at: number, surroundings: Surroundings): Completion | undefined {
  const tokens = tokenize(text);
  const touching = tokens.find(({ from, to, kind }) => from < at && (at < to || (at === to && !insideOf.has(kind))));
  if (touching && insideOf.has(touching.kind)) return undefined;
  const typed = touching && /^(name|variable|quoted)$/.test(touching.kind) ? touching : undefined;
  const from = typed?.from ?? at;
  const isVariable = typed?.kind === "variable";
  const here = hereAt(text, from, typed?.to ?? at, isVariable, surroundings);
  if (!here) return isVariable ? { from, choices: functionChoices() } : undefined;
  if (isVariable) return { from, choices: [...variableChoices(here), ...functionChoices()] };
  const last = tokens.findLast(({ to, kind }) => to <= from && kind !== "comment");
  const onPath = last?.text === ".";
  const choices = fieldChoices(here);
  return { from, choices: onPath ? choices : [...choices, ...variableChoices(here), ...functionChoices()] };
}

/**
 * What is at hand where the cursor stands. A half-written expression cannot be read: so a name is put at the cursor, and
 * where that is not enough, what follows is left out and open brackets are closed.
 */
function hereAt(text: string, from: number, to: number, variable: boolean, surroundings: Surroundings): Here | undefined {
  const before = text.slice(0, from) + (variable ? "$" : "") + PLACEHOLDER;
  const closers = missingClosers(before);
  const ways = [before + text.slice(to), before + closers, `${before}: 0${closers}`];
  for (const way of ways) {
    try {
      const { here } = analyse(way, surroundings);
      if (here) return here;
    } catch {
      // Not to be read this way; the next one leaves more out.
    }
  }
  return undefined;
}

const fieldChoices = ({ context }: Here): Choice[] =>
  [...(context?.fields ?? [])].map(([name, shape]) => ({ kind: "field", name, insert: asName(name), shape }));

const variableChoices = ({ variables }: Here): Choice[] =>
  [...variables].map(([name, shape]) => ({ kind: "variable", name, insert: `$${name}`, shape }));

const functionChoices = (): Choice[] =>
  [...functionNames].filter(isFunctionName).map((name) => ({ kind: "function", name, insert: `$${name}` }));
