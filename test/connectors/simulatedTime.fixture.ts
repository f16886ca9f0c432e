import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import { type Throttle, throttle } from "#runtime/sandbox/throttle.ts";

/** One state of an order: from `time` on in Amazon's books, for others to see a little later. */
interface Change {
  id: string;
  time: number;
  seenAt: number;
}

/** Changes are shown at most so late; an answer is complete up to two minutes before it. */
const LATEST_MS = 110_000;
const COMPLETE_MS = 120_000;
/** A page token is good for a day. */
const TOKEN_MS = 86_400_000;
const PAGE = 100;

const iso = (time: number): string => new Date(time).toISOString();

/** Numbers in [0, 1), the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Amazon's searchOrders with a store that changes while it is paged through, under a clock that the test moves: its true
 * rate, changes that show late, page tokens that run out, answers that fail, and another app that uses up the seller's rate.
 */
export class VirtualAmazon {
  /** The last state of each order. */
  readonly newest = new Map<string, number>();
  readonly counts = { pages: 0, refused: 0, failed: 0, expired: 0, taken: 0 };
  readonly #changes: Change[];
  readonly #shown: { id: string; time: number }[] = [];
  readonly #random = seeded(417);
  readonly #now: () => number;
  readonly #throttle: Throttle;
  /** What an order was last changed at, as far as it shows, and up to where that is taken from `#shown`. */
  readonly #standing = new Map<string, number>();
  #known = 0;
  #next = 0;
  #foreignAt: number;

  /** `orders` are placed evenly between `from` and `to`; every fourth changes once more within the six hours after. */
  constructor({ orders, from, to, now }: { orders: number; from: number; to: number; now: () => number }) {
    this.#now = now;
    this.#foreignAt = now();
    this.#throttle = throttle({ perSecond: 0.0056, burst: 20 }, now);
    const seen = (time: number): number => time + Math.floor(this.#random() * LATEST_MS);
    const changes: Change[] = [];
    for (let order = 0; order < orders; order++) {
      const id = `111-${String(order).padStart(7, "0")}-0000000`;
      const placed = Math.floor(from + ((to - from) * order) / orders);
      changes.push({ id, time: placed, seenAt: seen(placed) });
      this.newest.set(id, placed);
      if (order % 4 !== 0) continue;
      const changed = placed + 200_000 + Math.floor(this.#random() * 21_600_000);
      changes.push({ id, time: changed, seenAt: seen(changed) });
      this.newest.set(id, changed);
    }
    this.#changes = changes.sort((a, b) => a.seenAt - b.seenAt);
  }

  /** When the last change shows. */
  get quietFrom(): number {
    return this.#changes.at(-1)?.seenAt ?? 0;
  }

  #show(): void {
    const now = this.#now();
    for (; this.#next < this.#changes.length; this.#next++) {
      const change = this.#changes[this.#next] as Change;
      if (change.seenAt > now) return;
      let place = this.#shown.length;
      while (place > 0 && (this.#shown[place - 1] as { time: number }).time > change.time) place--;
      this.#shown.splice(place, 0, { id: change.id, time: change.time });
    }
  }

  answer({ query }: RenderedRequest): RawResponse {
    const now = this.#now();
    const headers = { "content-type": "application/json", "x-amzn-ratelimit-limit": "0.0056" };
    const refused = (status: number, code: string): RawResponse => ({
      status,
      headers,
      body: JSON.stringify({ errors: [{ code, message: code, details: "" }] }),
    });
    // Another app of the same seller asks now and then, and leaves less for us.
    while (this.#foreignAt < now) {
      this.#foreignAt += 3_600_000 * (0.5 + this.#random());
      if (this.#throttle.take().allowed) this.counts.taken++;
    }
    if (!this.#throttle.take().allowed) {
      this.counts.refused++;
      return refused(429, "QuotaExceeded");
    }
    if (this.#random() < 0.01) {
      this.counts.failed++;
      return refused(503, "ServiceUnavailable");
    }
    const [at = "", issued = "0"] = (query.paginationToken ?? "").split("|");
    if (at !== "" && now - Number(issued) > TOKEN_MS) {
      this.counts.expired++;
      return refused(400, "InvalidInput");
    }
    this.counts.pages++;
    this.#show();
    return { status: 200, headers, body: JSON.stringify(this.#page(query, at)) };
  }

  #page(query: Record<string, string>, after: string) {
    for (const { id, time } of this.#shown.slice(this.#known)) {
      if (time > (this.#standing.get(id) ?? 0)) this.#standing.set(id, time);
    }
    // Late ones lie before the end: the last minutes are looked at again.
    this.#known = Math.max(0, this.#shown.length - 2_000);
    const before = query.lastUpdatedBefore === undefined ? this.#now() - COMPLETE_MS : Date.parse(query.lastUpdatedBefore);
    const from = Date.parse(query.lastUpdatedAfter ?? "");
    const orders: { orderId: string; lastUpdatedTime: string }[] = [];
    let last = "";
    for (let place = this.#firstFrom(from); place < this.#shown.length; place++) {
      const { id, time } = this.#shown[place] as { id: string; time: number };
      if (time > before) break;
      const key = `${iso(time)} ${id}`;
      if (key <= after || this.#standing.get(id) !== time) continue;
      if (orders.length === PAGE) {
        return { orders, pagination: { nextToken: `${last}|${this.#now()}` }, lastUpdatedBefore: iso(before) };
      }
      orders.push({ orderId: id, lastUpdatedTime: iso(time) });
      last = key;
    }
    return { orders, lastUpdatedBefore: iso(before) };
  }

  #firstFrom(from: number): number {
    let [low, high] = [0, this.#shown.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#shown[middle] as { time: number }).time < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
