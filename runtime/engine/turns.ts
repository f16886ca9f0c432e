/** What shares fairly: the tasks of one flow that came from one system, in one lane. */
export interface Share {
  lane: number;
  /** The connector of the source through which the message came. */
  source: string;
  flow: string;
}

/** Whose turn it is: the lowest tag. `now` is the tag that was served last. */
export interface Turns {
  now: number;
  tags: Map<string, number>;
}

/**
 * What a turn costs by lane: live, replay, backfill. As long as there are live orders, a flow's replay has one turn to
 * eight of a live flow, and a backfill one to thirty-two: they wait, but they do not starve.
 */
const TURN_COST = [1, 8, 32] as const;

/** Shares remembered; more are forgotten at once and begin anew, at the present. */
const MOST_REMEMBERED = 10_000;

export const newTurns = (): Turns => ({ now: 0, tags: new Map() });

const keyOf = ({ lane, source, flow }: Share): string => `${lane} ${source} ${flow}`;

export const turnCost = (lane: number): number => TURN_COST[Math.max(0, Math.min(lane, TURN_COST.length - 1))] ?? 1;

/**
 * Chooses up to `room` of what waits, by stride: each share is served at its tag, which then moves on by what a turn
 * costs in its lane. One that comes anew begins at the present, so it is served next but cannot claim the past. Inside a
 * share the given order stands. Moves `turns` on.
 */
export function choose<Item>(waiting: readonly (Share & { items: readonly Item[] })[], room: number, turns: Turns): Item[] {
  if (turns.tags.size > MOST_REMEMBERED) turns.tags.clear();
  const left = waiting
    .filter(({ items }) => items.length > 0)
    .map((share) => ({ share, key: keyOf(share), place: 0, tag: tagOf(turns, share) }));
  // Remembered from the first sight on: what waits must not be put off anew with each look.
  for (const each of left) turns.tags.set(each.key, each.tag);
  const chosen: Item[] = [];
  while (chosen.length < room && left.length > 0) {
    const next = left.reduce((best, each) => (before(each, best) ? each : best));
    turns.now = next.tag;
    chosen.push(next.share.items[next.place++] as Item);
    next.tag += turnCost(next.share.lane);
    turns.tags.set(next.key, next.tag);
    if (next.place === next.share.items.length) left.splice(left.indexOf(next), 1);
  }
  return chosen;
}

/** The present, plus what a turn costs more than a live one: what comes anew in a lower lane waits for its turn too. */
function tagOf(turns: Turns, share: Share): number {
  const fresh = turns.now + turnCost(share.lane) - 1;
  const known = turns.tags.get(keyOf(share));
  return known === undefined || known < turns.now ? fresh : known;
}

/** The lower tag, then the lower lane. */
const before = (a: { tag: number; share: Share }, b: { tag: number; share: Share }): boolean =>
  a.tag < b.tag || (a.tag === b.tag && a.share.lane < b.share.lane);
