import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Plan, RenderedRequest, RunClock } from "../plan.ts";
import { toFailure } from "./failure.ts";
import { renderEffect } from "./renderEffect.ts";

/** An effect that has been given its control number. */
export interface NumberedJob {
  planKey: string;
  node: string;
  item: unknown;
  clock: RunClock;
  controlNumber: number;
}

export type NumberedResult = { ok: true; request: RenderedRequest } | { ok: false; class: OutcomeClass; reason: Reason };

/** The request of an effect once more, as it is with its number. Never throws. */
export async function renderNumbered(plan: Plan, { node: id, item, clock, controlNumber }: NumberedJob): Promise<NumberedResult> {
  try {
    const node = plan.flow.nodes.find((each) => each.id === id);
    const manifest = node && plan.lock.manifests[node.type];
    if (!node || !manifest) throw new Error(`The version has no effect node "${id}".`);
    return { ok: true, request: (await renderEffect(plan, node, manifest, item, clock, controlNumber)).request };
  } catch (raw) {
    return { ok: false, ...toFailure(raw) };
  }
}
