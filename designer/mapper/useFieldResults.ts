import { useEffect, useState } from "react";
import type { CanonicalFault } from "#schemas/canonical/check.ts";
import { pointerSteps } from "#schemas/pointer.ts";
import type { ExpressionInput } from "../expression/input.ts";
import type { ExpressionOutcome } from "../preview/evaluation.ts";
import { TookTooLong } from "../preview/evaluator.ts";
import type { Mapping } from "./mapping.ts";
import { entriesOf } from "./mapping.ts";
import { keyOf } from "./path.ts";
import { say } from "./say.ts";

/** What the expression gives on the chosen sample, field by field. */
export interface FieldResults {
  /** The whole result; undefined while there is none. */
  value: unknown;
  /** What is wrong, by the key of the field it is wrong at; "" for the whole. */
  faults: ReadonlyMap<string, readonly string[]>;
  /** True once there is a result for the sample. */
  there: boolean;
}

const nothing: FieldResults = { value: undefined, faults: new Map(), there: false };
/** A pause this long in typing is worth an evaluation, in milliseconds. */
const QUIET_MS = 120;

/** Evaluates the mapping on the chosen sample and checks it against the target's schema, where that is a canonical one. */
export function useFieldResults(
  text: string,
  mapping: Mapping | undefined,
  input: ExpressionInput | null,
  schema: string | undefined,
): FieldResults {
  const [results, setResults] = useState<FieldResults>(nothing);
  const item = input?.item;
  const source = input?.source;
  const evaluator = input?.evaluator;
  useEffect(() => {
    if (!item || !source || !evaluator || !mapping) {
      setResults(nothing);
      return;
    }
    let current = true;
    const timer = setTimeout(async () => {
      const outcome = await resultOf(text, item.value, source, evaluator, schema);
      if (current) setResults(resultsOf(outcome, mapping));
    }, QUIET_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, mapping, item, source, evaluator, schema]);
  return results;
}

async function resultOf(
  text: string,
  input: unknown,
  source: ExpressionInput["source"],
  evaluator: ExpressionInput["evaluator"],
  schema: string | undefined,
): Promise<ExpressionOutcome> {
  try {
    const outcome = await evaluator.run({ kind: "expression", text, input, source, ...(schema ? { schema } : {}) });
    return outcome.kind === "expression" ? outcome.result : { ok: false, message: "" };
  } catch (raw) {
    if (raw instanceof TookTooLong) return { ok: false, message: raw.message };
    return { ok: false, message: raw instanceof Error ? raw.message : String(raw) };
  }
}

function resultsOf(outcome: ExpressionOutcome, mapping: Mapping): FieldResults {
  if (!outcome.ok)
    return { value: undefined, there: true, faults: new Map([[faultyField(mapping, outcome.position), [outcome.message]]]) };
  const faults = new Map<string, string[]>();
  for (const fault of outcome.faults ?? []) {
    const key = keyOfPointer(fault);
    const said = faults.get(key) ?? [];
    if (!said.includes(fault.message)) faults.set(key, [...said, fault.message]);
  }
  return { value: outcome.value, faults, there: true };
}

/** The innermost field whose text a fault of the evaluation stands in. */
function faultyField(mapping: Mapping, position: number | undefined): string {
  if (position === undefined) return "";
  const at = Math.max(0, position - 1);
  let found = "";
  for (const [key, { entry }] of entriesOf(mapping)) {
    const range = entry.made?.value ?? entry.value;
    if (at >= range.from && at < range.to && key.length >= found.length) found = key;
  }
  return found;
}

/** Places in lists are left out: the fault is the field's. */
const keyOfPointer = ({ path }: CanonicalFault): string => keyOf(pointerSteps(path).filter((step) => !/^\d+$/.test(step)));

/** A value in few words; what is inside of what. */
export function valueText(value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return say("row.members", { count: value.length });
  if (typeof value === "object" && value !== null) return "{…}";
  return typeof value === "string" ? value : JSON.stringify(value);
}
