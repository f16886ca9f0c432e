import { EvaluatorsAway } from "#runtime/evaluate/pool.ts";
import { isPassing } from "#runtime/store/database.ts";

/** Whether an error says that what this server leans on, its database or its evaluators, is away for now: the work itself is sound. */
export const isOwnTrouble = (error: unknown): boolean => error instanceof EvaluatorsAway || isPassing(error);
