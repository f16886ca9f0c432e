import { lockedEffect, mappingOf } from "#nodes/connector/operation.ts";
import { NATURAL_QUIET_MS } from "#nodes/dryRun/effectDecision.ts";
import type { Lock } from "#nodes/plan.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Idempotency } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { IdempotencyMode } from "#schemas/manifest.ts";

/** What keeps an effect from being done twice when nobody learned what became of its request. */
interface Guard extends Omit<Idempotency, "lookup"> {
  /** What is asked in doubt, and how its answer is read, as one text. */
  question: string | null;
}

const ways: Record<IdempotencyMode, string> = {
  key: "the system knows the same request by its key when it is sent again",
  natural: "the same request writes over itself when it is sent again",
  lookup: "the system is asked for it before it is sent again",
  none: "it is never sent again by itself, and waits for a person",
};

/** Says why an effect may be done twice where it was not before; null where nothing of its guard is weaker, or for what writes nothing. */
export function guardedLess(before: Lock, old: FlowNode, after: Lock, now: FlowNode): string | null {
  const [was, is] = [guardOf(before, old), guardOf(after, now)];
  if (!was || !is) return null;
  if (was.mode !== is.mode)
    return `Where nobody learned what became of its request, ${ways[is.mode]}; before, ${ways[was.mode]}.`;
  const placed = (guard: Guard) => guard.header ?? guard.field ?? "";
  const told = [
    placed(was) !== placed(is) && `Its key stands at ${placed(is)}, no more at ${placed(was)}: the system may not know it there.`,
    (is.keptMs ?? Number.POSITIVE_INFINITY) > (was.keptMs ?? Number.POSITIVE_INFINITY) &&
      "The system is trusted to know a key for longer.",
    quietMs(is) < quietMs(was) &&
      `Of an unclear request ${quietMs(is)} ms are waited for, no more ${quietMs(was)}: it may still arrive.`,
    was.question !== is.question && "What is asked before it is sent again, or how the answer is read, has changed.",
  ].filter((each) => each !== false);
  return told.length === 0 ? null : told.join(" ");
}

function guardOf(lock: Lock, node: FlowNode): Guard | undefined {
  const effect = lockedEffect(lock, node);
  if (!effect || effect.operation.kind === "lookup") return undefined;
  const { lookup, ...guard } = effect.operation.idempotency;
  const file = lookup && "bodyFile" in lookup.request ? lookup.request.bodyFile : undefined;
  const mapping = file === undefined ? null : mappingOf(lock, effect.connector)(file);
  return { ...guard, question: guard.mode === "lookup" ? canonicalJson([lookup, mapping]) : null };
}

const quietMs = ({ mode, quietPeriodMs }: Guard): number => quietPeriodMs ?? (mode === "natural" ? NATURAL_QUIET_MS : 0);
