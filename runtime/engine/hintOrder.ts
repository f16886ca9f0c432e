import type { HintOrder, HintQueues } from "#runtime/queue/hintQueues.ts";
import type { Settings } from "#runtime/settings.ts";

/**
 * Orders of one flow that are hinted before all that waits for its turn. So a flow that is not busy never waits behind one
 * that is, and a busy one takes no more of that than any other.
 */
const FIRST_PER_SECOND = 8;
const FIRST_BURST = 16;

/** How old a look at the queue's length may be. */
const FRESH_MS = 100;

/** Flows remembered; more are forgotten at once. */
const MOST_REMEMBERED = 10_000;

/**
 * How a new order is hinted: `first`; in `turn` while the queue is short; or `later`, by the sweep, which fills a longer
 * queue in fair turn. Nothing is lost by that: the order is committed.
 */
export function hintOrders(queues: HintQueues, settings: Pick<Settings, "hintWindow">) {
  const flows = new Map<string, { tokens: number; at: number }>();
  const looks = new Map<string, { at: number; waiting: Promise<number> }>();

  const isFirst = (key: string): boolean => {
    const now = performance.now();
    if (flows.size > MOST_REMEMBERED) flows.clear();
    const known = flows.get(key) ?? { tokens: FIRST_BURST, at: now };
    const tokens = Math.min(FIRST_BURST, known.tokens + ((now - known.at) * FIRST_PER_SECOND) / 1000);
    flows.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  };

  const waitingIn = (environment: string): Promise<number> => {
    const now = performance.now();
    const known = looks.get(environment);
    if (known && now - known.at < FRESH_MS) return known.waiting;
    const waiting = queues.waiting("evaluate", { environment, workerGroup: "default" }).catch(() => Number.POSITIVE_INFINITY);
    looks.set(environment, { at: now, waiting });
    return waiting;
  };

  return async (environment: string, flow: string): Promise<HintOrder | "later"> => {
    if (isFirst(`${environment} ${flow}`)) return "first";
    return (await waitingIn(environment)) < settings.hintWindow ? "turn" : "later";
  };
}
