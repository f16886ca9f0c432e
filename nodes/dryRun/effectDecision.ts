import type { IdempotencyMode } from "#schemas/manifest.ts";

/** What the ledger holds of an effect key. */
export interface LedgerEntry {
  state: "INTENDED" | "CONFIRMED" | "REFUSED" | "IN_DOUBT";
  requestHash: string;
  taskId: string;
  /** Milliseconds that have surely passed since the request may last have left. */
  sentAgoMs: number;
  /** The same for an earlier request under this key, of which nobody learned what became of it; infinite where there is none. */
  unsureAgoMs: number;
  /** The most that may have passed since the first request under this key. */
  firstAgoMs: number;
  /** True while another task that works on it, or will by itself, owns the entry. */
  heldByOther: boolean;
  /** When that task is due. */
  otherDueInMs: number;
  /** True when its request is one of a newer version of the same document: a late retry or replay of the older one asks. */
  ofNewer: boolean;
}

export type EffectDecision =
  /** Nothing can have been applied, or applying again is harmless: send. */
  | { do: "send"; revision: boolean }
  /** The effect stands already: take its recorded result, send nothing. */
  | { do: "useResult" }
  /** Another task is at it, or the quiet period runs: look again later. */
  | { do: "wait"; waitMs: number }
  /** Ask the target whether the earlier request was applied; `revision` when this one differs from it. */
  | { do: "lookup"; revision: boolean }
  /** A person must decide; `older` when a newer version of the document was there first. */
  | { do: "park"; class: "inDoubt" | "duplicate"; older?: true };

/**
 * How long after a request of which nobody learned what became of it a target that writes over may still apply it, where
 * its operation declares no quiet period: longer than servers hold on to what a caller has given up.
 */
export const NATURAL_QUIET_MS = 10_000;

/** How long to leave another task alone that works on the same effect key. */
const OTHER_TASK_WAIT_MS = 1_000;

/** That it waits for long does not mean that it still will: a person may send it on. */
const OTHER_TASK_WAIT_CAP_MS = 30_000;

interface Wanted {
  requestHash: string;
  mode: IdempotencyMode;
  taskId: string;
  quietPeriodMs: number;
  /** How long the target surely knows a key. */
  keptMs: number;
}

/**
 * Whether an effect may be sent, given what the ledger knows of its key. The ledger's row is locked by the caller
 * from reading it until the decision is written.
 */
export function decideEffect(entry: LedgerEntry, wanted: Wanted): EffectDecision {
  const sameRequest = entry.requestHash === wanted.requestHash;
  if (entry.heldByOther && entry.taskId !== wanted.taskId && entry.state === "INTENDED") {
    const waitMs = Math.min(OTHER_TASK_WAIT_CAP_MS, OTHER_TASK_WAIT_MS + entry.otherDueInMs);
    return { do: "wait", waitMs };
  }
  // What is older never goes over what is newer, also where the target would take it.
  if (entry.ofNewer && !sameRequest && (entry.state === "CONFIRMED" || entry.state === "INTENDED")) {
    return { do: "park", class: "duplicate", older: true };
  }
  switch (entry.state) {
    case "CONFIRMED":
      if (sameRequest) return { do: "useResult" };
      return wanted.mode === "natural" ? over(wanted, entry.unsureAgoMs) : { do: "park", class: "duplicate" };
    case "REFUSED":
      return sameRequest ? { do: "send", revision: false } : over(wanted, entry.unsureAgoMs);
    case "IN_DOUBT":
      return { do: "park", class: "inDoubt" };
    case "INTENDED":
      return resend(entry, wanted, sameRequest);
  }
}

/**
 * Another request goes over what an earlier one wrote, once that one can no longer arrive: a target that applies it late
 * would write the older over the newer.
 */
function over({ quietPeriodMs }: { quietPeriodMs: number }, lastUnsureAgoMs: number): EffectDecision {
  const left = quietPeriodMs - lastUnsureAgoMs;
  return left > 0 ? { do: "wait", waitMs: left } : { do: "send", revision: true };
}

/** An intent without an outcome: the process may have ended before, during or after the request. */
function resend(
  entry: LedgerEntry,
  wanted: Pick<Wanted, "mode" | "quietPeriodMs" | "keptMs">,
  sameRequest: boolean,
): EffectDecision {
  switch (wanted.mode) {
    case "natural":
      return sameRequest ? { do: "send", revision: false } : over(wanted, entry.sentAgoMs);
    case "key":
      // The target dedupes on the key as long as it knows it; a different body under one key is for a person.
      if (!sameRequest) return { do: "park", class: "duplicate" };
      return entry.firstAgoMs < wanted.keptMs ? { do: "send", revision: false } : { do: "park", class: "inDoubt" };
    case "lookup": {
      const left = wanted.quietPeriodMs - entry.sentAgoMs;
      return left > 0 ? { do: "wait", waitMs: left } : { do: "lookup", revision: !sameRequest };
    }
    case "none":
      return { do: "park", class: "inDoubt" };
  }
}
