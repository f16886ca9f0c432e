import type { Problem } from "../problem.ts";
import { answers, errorWays, priority, subFlows } from "./controls.ts";
import { type FlowCheck, type FlowContext, readDraft } from "./draft.ts";
import { duplicateEdges, edgeEnds } from "./edges.ts";
import { hostileProblem } from "./hostile.ts";
import { joins } from "./joins.ts";
import { lifecycle } from "./lifecycle.ts";
import { lookups } from "./lookups.ts";
import { configs, duplicateNodes, unknownTypes } from "./nodes.ts";
import { retries } from "./retries.ts";
import { flowShape } from "./shape.ts";
import { slots } from "./slots.ts";
import { nodeVersions } from "./versions.ts";
import { wiring } from "./wiring.ts";
import { problemOf } from "./words.ts";

export type { FlowContext } from "./draft.ts";

const checks: readonly FlowCheck[] = [
  duplicateNodes,
  unknownTypes,
  nodeVersions,
  edgeEnds,
  duplicateEdges,
  wiring,
  configs,
  joins,
  subFlows,
  answers,
  errorWays,
  priority,
  lookups,
  slots,
  lifecycle,
  retries,
];

/**
 * Everything that is wrong with a flow, one sentence for each cause, with node or edge id, JSON pointer into the flow
 * and a hint; errors first, each kind in the order of the file's parts. An empty list, or warnings alone, means that
 * the flow can be published. Takes any value and never throws.
 */
export function validateFlow(flow: unknown, context: FlowContext): Problem[] {
  const hostile = hostileProblem(flow);
  if (hostile) return [hostile];
  const problems: Problem[] = flowShape(flow);
  const draft = readDraft(flow, context);
  for (const check of checks) check(draft, context, (finding) => problems.push(problemOf(finding)));
  return problems.sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error"));
}

/** True when nothing worse than warnings was found. */
export const isPublishable = (problems: readonly Problem[]): boolean => problems.every(({ severity }) => severity !== "error");
