import type { FlowNode } from "#schemas/flow.ts";
import type { Binding, Plan, RunClock } from "../plan.ts";

/** The connection that a node reaches through its slot, if it has one. */
export function bindingOf(plan: Plan, node: FlowNode | undefined): Binding | undefined {
  const slot = node?.slot;
  return slot !== undefined && Object.hasOwn(plan.bindings, slot) ? plan.bindings[slot] : undefined;
}

/** What every expression of a run may use: `$source` and `$run`. */
export function runVariables(plan: Plan, clock: RunClock): Record<string, unknown> {
  const source = plan.flow.nodes.find((node) => node.id === clock.sourceNode);
  const binding = bindingOf(plan, source);
  return {
    source: { node: clock.sourceNode, system: binding?.connector ?? null, account: binding?.account ?? null },
    run: { id: clock.runId, now: clock.now },
  };
}

/** What an operation's expressions may use besides: `$config`, `$connection`, and `$effectKey` once it is known. */
export const operationVariables = (plan: Plan, node: FlowNode, clock: RunClock, effectKey?: string): Record<string, unknown> => ({
  ...runVariables(plan, clock),
  config: node.config ?? {},
  connection: bindingOf(plan, node)?.config ?? {},
  ...(effectKey === undefined ? {} : { effectKey }),
});
