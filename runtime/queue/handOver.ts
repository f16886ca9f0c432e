import type { Hint } from "./hint.ts";

/** Hints from a process to itself, without a queue in between: for one that is alone with its database. */
export interface HandOver {
  /** Takes those it has room for and answers the others. A hint that waits already is taken once. */
  offer(hints: readonly Hint[]): Hint[];
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
  const waiting = new Map<string, Hint>();
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
    for (const [id, hint] of waiting) {
      if (!closed && running.size >= concurrency) return;
      waiting.delete(id);
      run(hint);
    }
  };

  return {
    offer(hints) {
      const refused: Hint[] = [];
      for (const hint of hints) {
        const id = `${hint.task} ${hint.epoch}`;
        if (waiting.has(id)) continue;
        if (closed || waiting.size >= most) refused.push(hint);
        else waiting.set(id, hint);
      }
      pump();
      return refused;
    },
    get depth() {
      return waiting.size + running.size;
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
