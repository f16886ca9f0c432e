import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Flow } from "#schemas/flow.ts";
import { flowDefinition, sha256Hex } from "#schemas/hash.ts";
import { currentFlow } from "./migrate/currentFlow.ts";
import type { Binding, Lock, Plan } from "./plan.ts";

export interface PlanParts {
  environment: string;
  flow: Flow;
  lock: Lock;
  /** By slot name. */
  bindings: Record<string, Binding>;
}

/** Puts a version and its bindings together. The key is the same for the same parts and changes with any of them. */
export function compilePlan({ environment, flow, lock, bindings }: PlanParts): Plan {
  const definition = flowDefinition(currentFlow(flow));
  const key = sha256Hex(canonicalJson({ environment, flow: definition, lock, bindings }));
  // The definition, not the drawing: evaluation must not depend on what the key leaves out.
  return { key, environment, flow: definition, lock, bindings };
}
