import type { HintQueue } from "./backend.ts";

export const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, count) => all + count, 0);

/** Hints of a queue that nobody has taken yet. */
export const waitingIn = async (queue: HintQueue): Promise<number> => sum(await queue.getJobCounts("waiting", "prioritized"));
