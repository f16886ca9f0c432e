import { createContext, use } from "react";
import type { Evaluator } from "../preview/evaluator.ts";

/** What comes into the node whose expressions are edited. */
export interface ExpressionInput {
  /** Items of all samples, for what they have in common. */
  samples: readonly unknown[];
  /** The item of the sample that is shown; absent while none reaches the node. */
  item: { value: unknown; of: number } | undefined;
  /** The title of that sample; absent where the flow has none. */
  sample: string | undefined;
  /** The first run is not back yet. */
  waiting: boolean;
  source: { node: string; system: string | null; account: string | null };
  evaluator: Evaluator;
}

/** Absent where nothing is known of what comes in: the editor then checks and completes what it can. */
export const ExpressionInputContext = createContext<ExpressionInput | null>(null);

export const useExpressionInput = (): ExpressionInput | null => use(ExpressionInputContext);

/** What every expression of a flow may use besides its input. */
export const runVariables = ["source", "run"] as const;
