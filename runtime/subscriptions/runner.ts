import type { EngineParts } from "#runtime/engine/parts.ts";
import { isPassing } from "#runtime/store/database.ts";
import { newId } from "#runtime/store/ids.ts";
import { type ClaimedSubscription, claimSubscriptions, keepSubscription, lookAtAddresses } from "#runtime/store/subscriptions.ts";
import { lookAtSubscription } from "./look.ts";

/** Subscriptions that one process sees to at a time; they are few, and nobody waits for them. */
const MOST_AT_ONCE = 4;

/** Sees to the subscriptions of deployed webhooks. */
export interface Subscriptions {
  /** Begins nothing more, and waits for what is under way for `graceMs` at most. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts to look for subscriptions that are due, in all environments. Any number of workers may do this at once: each is claimed
 * in the database, by one of them at a time. They ask for no place at the connection: a look is a request or two in an hour.
 */
export function startSubscriptions(parts: EngineParts): Subscriptions {
  const { db, log, settings } = parts;
  const { workerGroup, leaseMs, sweepMs, hooksUrl } = settings;
  const worker = `subscriptions ${process.pid} ${newId()}`;
  const running = new Map<string, { stop: AbortController; ended: Promise<void> }>();
  let stopped = false;
  let known = hooksUrl === undefined;

  const begin = (claimed: ClaimedSubscription): void => {
    const stop = new AbortController();
    const keep = setInterval(() => {
      keepSubscription(db, claimed, leaseMs)
        .then((ours) => ours || stop.abort())
        .catch((error: unknown) => log.warn({ error: String(error) }, "The claim of a subscription could not be renewed."));
      // Thrice in a lease, so that one late renewal loses nothing.
    }, leaseMs / 3);
    const ended = lookAtSubscription({ parts, claimed, signal: stop.signal })
      .catch((error: unknown) => {
        const say = isPassing(error) ? log.warn.bind(log) : log.error.bind(log);
        say({ subscription: claimed.id, error: String(error) }, "A look at a subscription was broken off; it goes on later.");
      })
      .finally(() => {
        clearInterval(keep);
        running.delete(claimed.id);
      });
    running.set(claimed.id, { stop, ended });
  };

  const look = async (): Promise<void> => {
    if (!known && hooksUrl) {
      await lookAtAddresses(db, hooksUrl);
      known = true;
    }
    const most = MOST_AT_ONCE - running.size;
    if (most <= 0) return;
    for (const claimed of await claimSubscriptions(db, { worker, workerGroup, leaseMs, most })) {
      // One that this process still sees to has lost its lease: it is claimed again when this claim has run out.
      if (running.has(claimed.id)) running.get(claimed.id)?.stop.abort();
      else begin(claimed);
    }
  };

  let turn: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy || stopped) return;
    busy = true;
    turn = look()
      .catch((error: unknown) => log.warn({ error: String(error) }, "Looking for due subscriptions failed; it is tried again."))
      .finally(() => {
        busy = false;
      });
  }, sweepMs);

  return {
    async stop(graceMs) {
      stopped = true;
      clearInterval(timer);
      await turn;
      for (const { stop } of running.values()) stop.abort();
      const late = new Promise<void>((resolve) => setTimeout(resolve, graceMs).unref());
      await Promise.race([Promise.all([...running.values()].map(({ ended }) => ended)), late]);
    },
  };
}
