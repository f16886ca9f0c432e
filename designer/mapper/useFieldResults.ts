import { useEffect, useState } from "react";
import type { CanonicalFault } from "#schemas/canonical/check.ts";
import { pointerSteps } from "#schemas/pointer.ts";
import type { ExpressionInput } from "../expression/input.ts";
import type { Range } from "../expression/tree.ts";
import type { Job as EvaluatorJob, ExpressionOutcome } from "../preview/evaluation.ts";
import { applyEdit } from "./edit.ts";
import { entriesOf, type Mapping } from "./mapping.ts";
import { keyOf } from "./path.ts";
import { readMapping } from "./read.ts";
import { say } from "./say.ts";
import { useSettled } from "./useMapper.ts";

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
  const item = useSettled(input?.item);
  const source = useSettled(input?.source);
  const evaluator = input?.evaluator;
  useEffect(() => {
    if (!item || !source || !evaluator || !mapping) {
      setResults(nothing);
      return;
    }
    let current = true;
    const timer = setTimeout(async () => {
      const job = { text, input: item.value, source, ...(schema ? { schema } : {}), each: mapping.root.each !== null };
      const next = await resultsOf(job, evaluator);
      if (current) setResults(next);
    }, QUIET_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, mapping, item, source, evaluator, schema]);
  return results;
}

type Job = Omit<Extract<EvaluatorJob, { kind: "expression" }>, "kind">;

/** Fields that fail are taken out one after the other, so that all others still show what they give. */
const FAILURES_PASSED = 4;

async function resultsOf(job: Job, evaluator: ExpressionInput["evaluator"]): Promise<FieldResults> {
  const failed = new Map<string, readonly string[]>();
  let text = job.text;
  for (;;) {
    const outcome = await outcomeOf({ ...job, text }, evaluator);
    if (outcome.ok)
      return { value: outcome.value, faults: new Map([...faultsByField(outcome.faults ?? []), ...failed]), there: true };
    const reading = readMapping(text);
    const field = reading.kind === "drawn" ? faultyField(reading.mapping, outcome.position) : undefined;
    if (!field || reading.kind !== "drawn" || failed.size >= FAILURES_PASSED)
      return { value: undefined, faults: new Map([...failed, ["", [outcome.message]]]), there: true };
    failed.set(field.key, [outcome.message]);
    text = applyEdit(text, { ...field.value, insert: "null" });
  }
}

async function outcomeOf(job: Job, evaluator: ExpressionInput["evaluator"]): Promise<ExpressionOutcome> {
  try {
    const outcome = await evaluator.run({ kind: "expression", ...job });
    return outcome.kind === "expression" ? outcome.result : { ok: false, message: "" };
  } catch (raw) {
    return { ok: false, message: raw instanceof Error ? raw.message : String(raw) };
  }
}

function faultsByField(found: readonly CanonicalFault[]): Map<string, readonly string[]> {
  const faults = new Map<string, readonly string[]>();
  for (const fault of found) {
    const key = keyOfPointer(fault);
    const said = faults.get(key) ?? [];
    if (!said.includes(fault.message)) faults.set(key, [...said, fault.message]);
  }
  return faults;
}

/** The innermost field whose text a fault of the evaluation stands in; JSONata tells of a function's inside at its call. */
function faultyField(mapping: Mapping, position: number | undefined): { key: string; value: Range } | undefined {
  if (position === undefined) return undefined;
  const at = Math.max(0, position - 1);
  let found: { key: string; value: Range } | undefined;
  for (const [key, { entry }] of entriesOf(mapping)) {
    const value = entry.made?.value ?? entry.value;
    if (at >= value.from && at < value.to) found = { key, value };
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
