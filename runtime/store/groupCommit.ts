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

export interface GroupOptions<Item> {
  /** Items of one group at most. */
  most: number;
  /** Groups under way at once. */
  lanes: number;
  /**
   * How long a group has its lane to itself before the next one begins beside it, unless a full group waits. Each group costs
   * a round trip whatever its size, so few large ones are cheaper; but one that waits for a lock must not keep all others.
   */
  patienceMs?: number;
  /** Size of an item in whatever unit, and what a group of several may have in all. */
  sizeOf?: (item: Item) => number;
  mostSize?: number;
  /**
   * What items take turns at: a row that each of their groups locks. Those of one turn are never in two groups at once;
   * a group that only waited for another would take up a lane, and its items are better gathered into one.
   */
  turnOf?: (item: Item) => string | null;
  /** False for an error that every item would meet again (the other side is gone): then the whole group fails at once. */
  worthAlone?: (error: unknown) => boolean;
}

/**
 * `flush` gets up to `most` items and answers in their order. When a group of several fails, each item is tried
 * alone, so that one bad item cannot fail its neighbours.
 */
export function groupCommit<Item, Result>(
  flush: (items: Item[]) => Promise<Result[]>,
  options: GroupOptions<Item>,
): GroupCommit<Item, Result> {
  const {
    sizeOf = () => 0,
    mostSize = Number.POSITIVE_INFINITY,
    worthAlone = () => true,
    turnOf = () => null,
    patienceMs = 0,
  } = options;
  /** Turns of the groups under way. */
  const taken = new Set<string>();
  /** When the last group began that is still under way. */
  let begunAt = 0;
  let patience: NodeJS.Timeout | undefined;
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
      if (group.length === 1 || !worthAlone(error)) for (const each of group) each.reject(error);
      else for (const each of group) await settle([each]);
    }
  };

  /** The longest head of the queue that keeps to both bounds, without those whose turn it is not; none if it is nobody's. */
  const nextGroup = (): Waiting<Item, Result>[] => {
    const group: Waiting<Item, Result>[] = [];
    const passedOver: Waiting<Item, Result>[] = [];
    let size = 0;
    for (const each of waiting) {
      if (group.length === options.most) break;
      if (taken.has(turnOf(each.item) ?? "")) {
        passedOver.push(each);
        continue;
      }
      size += sizeOf(each.item);
      if (group.length > 0 && size > mostSize) break;
      group.push(each);
    }
    waiting.splice(0, group.length + passedOver.length, ...passedOver);
    return group;
  };

  const turnsOf = (group: Waiting<Item, Result>[]): string[] =>
    group.flatMap(({ item }) => {
      const turn = turnOf(item);
      return turn === null ? [] : [turn];
    });

  const mayBegin = (): boolean => running === 0 || waiting.length >= options.most || performance.now() - begunAt >= patienceMs;

  const pump = (): void => {
    scheduled = false;
    clearTimeout(patience);
    while (running < options.lanes && waiting.length > 0) {
      if (!mayBegin()) {
        patience = setTimeout(pump, patienceMs);
        break;
      }
      const group = nextGroup();
      if (group.length === 0) break;
      const turns = turnsOf(group);
      for (const turn of turns) taken.add(turn);
      begunAt = performance.now();
      running++;
      void settle(group).finally(() => {
        running--;
        for (const turn of turns) taken.delete(turn);
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
