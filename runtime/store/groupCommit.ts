/**
 * Gathers single calls into groups that share one round trip and one commit. While a group is under way the next
 * one gathers, so a quiet system waits for nothing and a busy one commits few times.
 */
export interface GroupCommit<Item, Result> {
  (item: Item): Promise<Result>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * `flush` gets up to `most` items and answers in their order. When a group of several fails, each item is tried
 * alone, so that one bad item cannot fail its neighbours. `lanes` groups may be under way at once.
 */
export function groupCommit<Item, Result>(
  flush: (items: Item[]) => Promise<Result[]>,
  options: { most: number; lanes: number },
): GroupCommit<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  let scheduled = false;
  let idlers: (() => void)[] = [];

  const settle = async (group: Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await flush(group.map((each) => each.item));
      group.forEach((each, index) => {
        each.resolve(results[index] as Result);
      });
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const each of group) await settle([each]);
    }
  };

  const pump = (): void => {
    scheduled = false;
    while (running < options.lanes && waiting.length > 0) {
      const group = waiting.splice(0, options.most);
      running++;
      void settle(group).finally(() => {
        running--;
        pump();
      });
    }
    if (running === 0 && waiting.length === 0) {
      for (const idler of idlers) idler();
      idlers = [];
    }
  };

  const call = (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (scheduled) return;
      scheduled = true;
      // After the current callbacks, so that requests that arrived together share a group.
      setImmediate(pump);
    });

  return Object.assign(call, {
    idle: () => new Promise<void>((resolve) => (running === 0 && waiting.length === 0 ? resolve() : idlers.push(resolve))),
  });
}
