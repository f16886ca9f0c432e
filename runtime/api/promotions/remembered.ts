import { type Moment, moment, msSince } from "#runtime/engine/moment.ts";

/** Reviews whose parts are remembered: those that people have open. The largest has some megabytes of documents. */
const MOST = 8;

/** Documents are purged by policies of their own: what shows them is forgotten soon, whoever still looks at it. */
const FORGOTTEN_MS = 10 * 60_000;

/** Remembers what was made of the same things: a review that is opened again evaluates nothing again. */
export function remembering<T>(since: (then: Moment) => number = msSince): (key: string, make: () => Promise<T>) => Promise<T> {
  const known = new Map<string, { made: Promise<T>; at: Moment }>();
  return (key, make) => {
    for (const [old, { at }] of known) if (since(at) > FORGOTTEN_MS) known.delete(old);
    const found = known.get(key);
    if (found) return found.made;
    const made = make();
    // What failed is made again.
    made.catch(() => known.get(key)?.made === made && known.delete(key));
    known.set(key, { made, at: moment() });
    for (const old of [...known.keys()].slice(0, -MOST)) known.delete(old);
    return made;
  };
}
