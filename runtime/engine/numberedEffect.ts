import { controlNumberOf } from "#nodes/connector/operation.ts";
import { plainPathTemplate } from "#nodes/expression/template.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import { giveControlNumber } from "#runtime/store/controlNumbers.ts";
import type { Effect } from "./effect.ts";
import type { Failure } from "./outcome.ts";

/**
 * The effect with the request that leaves: as it was rendered or, where the operation is numbered, with the control number that
 * it has. Null when it is somebody else's by now. What is known of it by its hash stays the request without a number.
 */
export async function withControlNumber(effect: Effect): Promise<Effect | Failure | null> {
  const { parts, task, plan, call, connection, operation } = effect;
  const declared = controlNumberOf(operation);
  if (!declared || call.read) return effect;
  const { environment, connector, systemAccount: account, config } = connection;
  const of = { environment, connector, account, most: declared.most, first: firstOf(declared.first, config) };
  const controlNumber = await giveControlNumber(parts.db, task, call.effectKey, of);
  if (controlNumber === null) return null;
  const clock = { runId: task.runId, ...task.clock };
  try {
    const job = { planKey: plan.key, node: task.node, item: call.item, clock, controlNumber };
    const rendered = await parts.evaluators.numbered(plan, job);
    return rendered.ok ? { ...effect, numbered: rendered.request } : rendered;
  } catch (error) {
    if (!(error instanceof EvaluatorDied)) throw error;
    const message = `The request with its control number could not be made: ${error.message}`;
    return { class: "transient", reason: { code: "effect.notNumbered", message } };
  }
}

function firstOf(path: string | undefined, config: Record<string, unknown>): number {
  const first = path === undefined ? 1 : Number(plainPathTemplate(path)({ config }));
  return Number.isSafeInteger(first) && first > 0 ? first : 1;
}
