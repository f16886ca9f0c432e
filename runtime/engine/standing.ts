import type { BreakerLimits } from "#runtime/settings.ts";
import type { Bucket, Rate, Share, Standing } from "#schemas/admission.ts";
import { type BreakerEvent, breaker, closedBreaker } from "./breaker.ts";

/**
 * Tokens that a worker took and did not use are void after this. Short, so that few are lost; long enough that a busy
 * connection costs four visits a second, not one for each request.
 */
export const TOKENS_HOLD_MS = 250;

/** What a worker tells, and wants to know, when it visits a connection's standing. */
export interface Ask {
  worker: string;
  /** What the connector, or the connection, allows. */
  concurrency: number;
  /** Places it can use at most. */
  most: number;
  taken: number;
  waiting: boolean;
  leaseMs: number;
  /** Buckets it needs tokens of; the connection's own under "". */
  needs: Record<string, Rate>;
  events: Exclude<BreakerEvent, { event: "asked" | "probeLost" }>[];
  /** The target asked to be left alone for so long. */
  closeForMs: number;
  /** Its probe is under way. */
  probing: boolean;
  /** It would send a request now. */
  wants: boolean;
}

/** What a worker may do until its lease ends. Times count from the visit. */
export interface Grant {
  places: number;
  /** Tokens by bucket, and after how long there will be one where there is none now. */
  tokens: Record<string, { count: number; nextMs: number }>;
  closedForMs: number;
  breaker: "closed" | "open" | "halfOpen";
  /** Its next request is the probe. */
  probe: boolean;
  /** When a probe may be asked for. */
  probeInMs: number;
  /** Failures are counted: an answer is worth telling. */
  troubled: boolean;
}

export const newStanding = (concurrency: number): Standing => ({
  concurrency,
  shares: {},
  buckets: {},
  closedUntil: 0,
  breaker: closedBreaker,
});

/**
 * One worker's visit: what it tells is taken in, what it asks for is granted as far as the others leave it. The sum of
 * all places stays within the concurrency whatever the order of visits: nobody gets what another has not given back, or
 * lost with its lease.
 */
export function visit(standing: Standing, ask: Ask, now: number, limits: BreakerLimits): { standing: Standing; grant: Grant } {
  const others = Object.fromEntries(
    Object.entries(standing.shares).filter(([worker, share]) => worker !== ask.worker && share.until > now),
  );
  const closedUntil = Math.max(standing.closedUntil, ask.closeForMs > 0 ? now + ask.closeForMs : 0);
  const switched = breakerAfter(standing, ask, others, now, limits);
  const places = placesOf(others, ask);
  const { most, taken, waiting } = ask;
  // Places in use are its own until they fall free, even where its part has become smaller.
  const share: Share = { places: Math.max(taken, places), most, taken, waiting, until: now + ask.leaseMs };
  const { buckets, tokens } = fill(standing.buckets, ask, closedUntil > now, now);
  return {
    standing: {
      concurrency: ask.concurrency,
      shares: { ...others, [ask.worker]: share },
      buckets,
      closedUntil,
      breaker: switched,
    },
    grant: {
      places,
      tokens,
      closedForMs: Math.max(0, closedUntil - now),
      breaker: switched.state,
      probe: switched.state === "halfOpen" && switched.probe === ask.worker,
      probeInMs: switched.state === "open" ? Math.max(0, switched.retryAt - now) : 0,
      troubled: switched.failures > 0,
    },
  };
}

/** The standing without a worker that leaves; what it has to tell is taken in. */
export function leave(standing: Standing, ask: Ask, now: number, limits: BreakerLimits): Standing {
  const after = visit(standing, { ...ask, wants: false, probing: false, needs: {} }, now, limits).standing;
  const { [ask.worker]: _left, ...shares } = after.shares;
  return { ...after, shares };
}

function breakerAfter(standing: Standing, ask: Ask, others: Record<string, Share>, now: number, limits: BreakerLimits) {
  let state = standing.breaker;
  for (const event of ask.events) state = breaker(state, event, now, limits);
  const lost = state.probe === ask.worker ? !ask.probing : state.probe !== null && !(state.probe in others);
  if (lost) state = breaker(state, { event: "probeLost" }, now, limits);
  return ask.wants ? breaker(state, { event: "asked", by: ask.worker }, now, limits) : state;
}

/** Its fair part, as far as the others leave it. */
function placesOf(others: Record<string, Share>, ask: Ask): number {
  const fair = fairParts(ask.concurrency, { ...others, [ask.worker]: ask })[ask.worker] ?? 0;
  const free = ask.concurrency - Object.values(others).reduce((sum, { places }) => sum + places, 0);
  return Math.max(0, Math.min(fair, free));
}

/** Divides places evenly; what one cannot use goes to the others. What is left over goes by name. */
export function fairParts(places: number, by: Record<string, { most: number }>): Record<string, number> {
  const parts: Record<string, number> = {};
  const order = Object.entries(by).sort(([a, { most: x }], [b, { most: y }]) => x - y || (a < b ? -1 : 1));
  let left = places;
  order.forEach(([worker, { most }], index) => {
    const part = Math.min(most, Math.ceil(left / (order.length - index)));
    parts[worker] = part;
    left -= part;
  });
  return parts;
}

/** Fills the buckets that are asked for, and takes a small batch of tokens from each while the connection is open. */
function fill(known: Standing["buckets"], { needs }: Ask, closed: boolean, now: number) {
  const buckets = { ...known };
  const tokens: Grant["tokens"] = {};
  for (const [name, rate] of Object.entries(needs)) {
    const held = filled(known[name], rate, now);
    const batch = Math.max(1, Math.floor((rate.perSecond * TOKENS_HOLD_MS) / 1000));
    const count = closed ? 0 : Math.min(batch, Math.floor(held));
    const rest = held - count;
    buckets[name] = { ...rate, tokens: rest, at: now };
    tokens[name] = { count, nextMs: Math.max(0, Math.ceil(((1 - rest) / rate.perSecond) * 1000)) };
  }
  return { buckets, tokens };
}

function filled(bucket: Bucket | undefined, rate: Rate, now: number): number {
  const room = capacity(rate);
  if (!bucket) return room;
  return Math.min(room, bucket.tokens + (Math.max(0, now - bucket.at) * rate.perSecond) / 1000);
}

/**
 * What a bucket holds at most: the burst, less what workers may still hold in their hands. So the target never sees
 * more than `burst + perSecond * t` requests in any time t, although tokens are taken before they are used.
 */
export const capacity = ({ perSecond, burst }: Rate): number => Math.max(1, burst - (perSecond * TOKENS_HOLD_MS) / 1000);

/** Until when nobody but a probe may pass; 0 when the connection lets through. */
export const shutUntil = ({ breaker: { state, retryAt, probe }, shares, closedUntil }: Standing): number => {
  const probing = state === "halfOpen" ? (shares[probe ?? ""]?.until ?? 0) : 0;
  return Math.max(closedUntil, state === "open" ? retryAt : 0, probing);
};
