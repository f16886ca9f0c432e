import type { Db } from "./database.ts";

/** A count is answered again for this many times as long as it took: many who look cost the database a tenth at most. */
const SHARE = 10;

interface Entry<T> {
  until: number;
  value: Promise<T>;
}

/** Counts by key; those who ask while a count is under way share it. A count that failed is not kept. */
export function sharedCount<T>(): (db: Db, key: string, count: () => Promise<T>) => Promise<T> {
  const counted = new WeakMap<Db, Map<string, Entry<T>>>();
  return (db, key, count) => {
    const known = counted.get(db) ?? new Map<string, Entry<T>>();
    counted.set(db, known);
    const begun = performance.now();
    for (const [other, { until }] of known) if (until < begun) known.delete(other);
    const fresh = known.get(key);
    if (fresh) return fresh.value;
    const entry: Entry<T> = { until: Number.POSITIVE_INFINITY, value: count() };
    known.set(key, entry);
    const settle = (times: number) => {
      const ended = performance.now();
      entry.until = ended + times * (ended - begun);
    };
    entry.value.then(
      () => settle(SHARE),
      () => settle(-1),
    );
    return entry.value;
  };
}
