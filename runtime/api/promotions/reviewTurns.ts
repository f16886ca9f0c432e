import { ApiFailure } from "../errors.ts";

/** Reviews that a process makes at once: each keeps the evaluators busy for seconds, and messages come in meanwhile. */
const AT_ONCE = 2;

/** Reviews of one person that wait for the one under way: whoever chooses on the page asks anew with each choice, and leaves the others. */
const WAITING_OF_ONE = 3;

/** Reviews that wait in a process: the last of them waits about a minute. */
const WAITING = 12;

export interface ReviewTurn {
  /** Of one only one is made at a time. */
  who: string;
  /** Whether nobody waits for it any more. */
  gone: () => boolean;
}

interface Waiting extends ReviewTurn {
  begin: () => void;
  drop: (why: Error) => void;
}

export type ReviewTurns = <T>(turn: ReviewTurn, review: () => Promise<T>) => Promise<T>;

/**
 * Makes reviews one after the other for each who asks, and few at once for all: somebody who may only look must not keep a process busy. Refuses
 * what would wait too long, and makes none that nobody waits for. Of this process alone: what it spares is this process.
 */
export function reviewTurns(): ReviewTurns {
  const under = new Set<string>();
  let waiting: Waiting[] = [];
  const next = (): void => {
    for (const turn of waiting.filter(({ gone }) => gone())) turn.drop(new ApiFailure("reviewBusy"));
    waiting = waiting.filter(({ gone }) => !gone());
    while (under.size < AT_ONCE) {
      const turn = waiting.find(({ who }) => !under.has(who));
      if (!turn) return;
      waiting = waiting.filter((each) => each !== turn);
      under.add(turn.who);
      turn.begin();
    }
  };
  return async (turn, review) => {
    next();
    const own = waiting.filter(({ who }) => who === turn.who).length;
    if (own >= WAITING_OF_ONE || waiting.length >= WAITING) throw new ApiFailure("reviewBusy");
    await new Promise<void>((begin, drop) => {
      waiting = [...waiting, { ...turn, begin, drop }];
      next();
    });
    try {
      return await review();
    } finally {
      under.delete(turn.who);
      next();
    }
  };
}
