import type { BreakerLimits } from "#runtime/settings.ts";
import type { Breaker } from "#schemas/admission.ts";

/** What happened to a request, or to the worker that wants to send one. */
export type BreakerEvent =
  /** The target answered, whatever it said. */
  | { event: "answered"; probe: boolean }
  /** No answer in time, or one that says that the target cannot answer now. */
  | { event: "failed"; probe: boolean }
  /** A worker would send a request, if that is the probe. */
  | { event: "asked"; by: string }
  /** The worker with the probe is gone, or came back without having sent it. */
  | { event: "probeLost" };

export const closedBreaker: Breaker = { state: "closed", failures: 0, since: null, retryAt: 0, openings: 0, probe: null };

/**
 * The next state of a connection's circuit breaker. What was sent before it opened changes nothing any more: only the
 * probe closes it, or opens it for longer.
 */
export function breaker(state: Breaker, event: BreakerEvent, now: number, limits: BreakerLimits): Breaker {
  switch (event.event) {
    case "answered":
      if (state.state === "closed") return state.failures === 0 ? state : closedBreaker;
      return state.state === "halfOpen" && event.probe ? closedBreaker : state;
    case "failed":
      if (state.state === "closed") {
        const failures = state.failures + 1;
        return failures < limits.failures ? { ...state, failures } : opened({ ...state, failures }, now, limits);
      }
      return state.state === "halfOpen" && event.probe ? opened({ ...state, failures: state.failures + 1 }, now, limits) : state;
    case "asked":
      if (state.state !== "open" || now < state.retryAt) return state;
      return { ...state, state: "halfOpen", probe: event.by };
    case "probeLost":
      return state.state === "halfOpen" ? { ...state, state: "open", probe: null, retryAt: now } : state;
  }
}

function opened(state: Breaker, now: number, { openMs, mostOpenMs }: BreakerLimits): Breaker {
  const openings = state.openings + 1;
  const retryAt = now + openForMs(openings, { openMs, mostOpenMs });
  return { ...state, state: "open", since: state.since ?? now, openings, retryAt, probe: null };
}

/** How long it stays open after so many openings in a row. */
export const openForMs = (openings: number, limits: Omit<BreakerLimits, "failures">): number =>
  Math.min(limits.mostOpenMs, limits.openMs * 2 ** Math.min(openings - 1, 30));
