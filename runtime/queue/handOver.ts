import type { Hint, HintOrder } from "./hint.ts";

/** Hints from a process to itself, without a queue in between: for one that is alone with its database. */
export interface HandOver {
  /** Takes those it has room for and answers the others. A hint that waits already is taken once. */
  offer(hints: readonly Hint[], order: HintOrder): Hint[];
  /** Hints waiting. */
  readonly waiting: number;
  /** Hints waiting or in work. */
  readonly depth: number;
  /** Hands out what waits, whatever the concurrency: whoever stops says so to each. Resolves when all handlers have ended. */
  close(): Promise<void>;
}

/**
 * In memory alone, and that is enough: a hint that is lost with the process is given again by the sweep, like any other.
 * `handler` never rejects. At most `most` hints wait, so that a backlog costs no memory.
 */
export function handOver(concurrency: number, most: number, handler: (hint: Hint) => Promise<void>): HandOver {
  const waiting: Record<HintOrder, Map<string, Hint>> = { first: new Map(), turn: new Map() };
  const count = (): number => waiting.first.size + waiting.turn.size;
  const running = new Set<Promise<void>>();
  let closed = false;

  const run = (hint: Hint): void => {
    const work = handler(hint).finally(() => {
      running.delete(work);
      pump();
    });
    running.add(work);
  };
  const pump = (): void => {
    for (const queue of [waiting.first, waiting.turn]) {
      for (const [id, hint] of queue) {
        if (!closed && running.size >= concurrency) return;
        queue.delete(id);
        run(hint);
      }
    }
  };

  return {
    offer(hints, order) {
      const refused: Hint[] = [];
      for (const hint of hints) {
        const id = `${hint.task} ${hint.epoch}`;
        if (waiting.first.has(id) || waiting.turn.has(id)) continue;
        if (closed || count() >= most) refused.push(hint);
        else waiting[order].set(id, hint);
      }
      pump();
      return refused;
    },
    get depth() {
      return count() + running.size;
    },
    get waiting() {
      return count();
    },
    async close() {
      closed = true;
      // Whoever closes is to know first that it stops.
      await Promise.resolve();
      pump();
      while (running.size > 0) await Promise.all(running);
    },
  };
}
