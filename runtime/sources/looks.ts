import type { EngineParts } from "#runtime/engine/parts.ts";
import { isDiskFull, isPassing } from "#runtime/store/database.ts";
import { type ClaimedSource, failSource, renewSources } from "#runtime/store/sources.ts";
import { StorageFull } from "#runtime/store/storage.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Look } from "./look.ts";

/** Sources that one process looks through at a time; nearly all of that is waiting for other systems. */
const MOST_AT_ONCE = 16;

/** A look that failed for a reason nobody foresaw is not tried again sooner. */
const AFTER_BUG_MS = 60_000;

/** The looks that are under way in this process. */
export interface Looks {
  /** How many more may begin. */
  room(): number;
  has(sourceId: string): boolean;
  /**
   * Whether a source that was claimed may begin. One that this process still looks through has lost its lease: that look
   * is stopped, and the source begins again when this claim has run out.
   */
  free(sourceId: string): boolean;
  /** Begins a look; resolves when it has ended, and never fails. */
  begin(source: ClaimedSource, work: (look: Look) => Promise<void>): Promise<void>;
  /** Does something again and again until it stops; what fails is tried again. */
  repeat(what: string, work: () => Promise<void>, everyMs: number): void;
  /** Begins nothing more, and waits for what is under way for `graceMs` at most. */
  stop(graceMs: number): Promise<void>;
}

/** Keeps the claims of all looks while they last. */
export function looksUnderWay(parts: EngineParts): Looks {
  const { db, settings, log } = parts;
  const running = new Map<string, { source: ClaimedSource; stop: AbortController; ended: Promise<void> }>();
  const stops: (() => Promise<void>)[] = [];
  let stopped = false;

  const begin: Looks["begin"] = (source, work) => {
    const stop = new AbortController();
    const look = { parts, source, signal: stop.signal };
    const ended = lookOnce(look, work).finally(() => running.delete(source.id));
    running.set(source.id, { source, stop, ended });
    if (stopped) stop.abort();
    return ended;
  };

  const renew = async (): Promise<void> => {
    if (running.size === 0) return;
    const ours = await renewSources(
      db,
      [...running.values()].map(({ source }) => source),
      settings.leaseMs,
    );
    for (const [id, look] of running) if (!ours.has(id)) look.stop.abort();
  };

  const repeat: Looks["repeat"] = (what, work, everyMs) => {
    let turn: Promise<void> = Promise.resolve();
    let busy = false;
    const timer = setInterval(() => {
      if (busy || stopped) return;
      busy = true;
      turn = work()
        .catch((error: unknown) => log.warn({ error: String(error) }, `${what} failed; it is tried again.`))
        .finally(() => {
          busy = false;
        });
    }, everyMs);
    stops.push(() => {
      clearInterval(timer);
      return turn;
    });
  };
  // Thrice in a lease, so that one late renewal loses nothing.
  repeat("Renewing the claims of sources", renew, settings.leaseMs / 3);

  return {
    room: () => (stopped ? 0 : Math.max(0, MOST_AT_ONCE - running.size)),
    has: (sourceId) => running.has(sourceId),
    free(sourceId) {
      running.get(sourceId)?.stop.abort();
      return !running.has(sourceId);
    },
    begin,
    repeat,
    async stop(graceMs) {
      stopped = true;
      await Promise.all(stops.map((stop) => stop()));
      const left = [...running.values()];
      for (const { stop } of left) stop.abort();
      const late = new Promise<void>((resolve) => setTimeout(resolve, graceMs).unref());
      await Promise.race([Promise.all(left.map(({ ended }) => ended)), late]);
    },
  };
}

/** Never throws: a look that breaks off is due again once its lease has ended. */
async function lookOnce(look: Look, work: (look: Look) => Promise<void>): Promise<void> {
  const { parts, source } = look;
  try {
    await work(look);
  } catch (error) {
    if (isPassing(error)) {
      parts.log.warn({ source: source.id, error: String(error) }, "A look at a source was broken off; it goes on later.");
      return;
    }
    parts.log.error({ source: source.id, err: error }, "A look at a source failed.");
    await failSource(parts.db, source, failureOf(error), { waitMs: AFTER_BUG_MS }).catch(() => {});
  }
}

function failureOf(error: unknown): { class: OutcomeClass; reason: Reason } {
  if (error instanceof StorageFull || isDiskFull(error)) {
    const message = "There is no room for more messages; what the system holds is fetched once there is.";
    const hint = "Raise ORDERLOOM_STORAGE_LIMIT_BYTES or give the database more disk.";
    return { class: "transient", reason: { code: "source.storageFull", message, hint } };
  }
  const message = `The look failed: ${error instanceof Error ? error.message : String(error)}`;
  return { class: "bug", reason: { code: "source.bug", message } };
}
