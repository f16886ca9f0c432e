import type { EngineParts } from "#runtime/engine/parts.ts";
import { isDiskFull, isPassing } from "#runtime/store/database.ts";
import { newId } from "#runtime/store/ids.ts";
import { type ClaimedSource, claimSources, failSource, renewSources } from "#runtime/store/sources.ts";
import { StorageFull } from "#runtime/store/storage.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { SourceTransport } from "#schemas/source.ts";
import { lookFolder } from "./files.ts";
import type { Look } from "./look.ts";
import { lookPoll } from "./poll.ts";
import { lookSchedule } from "./schedule.ts";

/** Sources that one process looks through at a time; nearly all of that is waiting for other systems. */
const MOST_AT_ONCE = 16;

/** A look that failed for a reason nobody foresaw is not tried again sooner. */
const AFTER_BUG_MS = 60_000;

const looks: Partial<Record<SourceTransport, (look: Look) => Promise<void>>> = {
  poll: lookPoll,
  schedule: lookSchedule,
  file: lookFolder,
  sftp: lookFolder,
};

/** Looks through the sources that nobody calls: polls, schedules, folders. */
export interface Sources {
  /** Begins nothing more, and waits for what is under way for `graceMs` at most. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts to look for due sources of all environments. Any number of processes may do this at once: a source is claimed
 * in the database, by one of them at a time.
 */
export function startSources(parts: EngineParts): Sources {
  const { db, settings, log } = parts;
  const worker = `sources ${process.pid} ${newId()}`;
  const running = new Map<string, { source: ClaimedSource; stop: AbortController; done: Promise<void> }>();
  let stopped = false;

  const begin = (source: ClaimedSource): void => {
    const stop = new AbortController();
    const done = lookOnce({ parts, source, signal: stop.signal }).finally(() => running.delete(source.id));
    running.set(source.id, { source, stop, done });
  };

  const claim = async (): Promise<void> => {
    const most = MOST_AT_ONCE - running.size;
    if (most <= 0) return;
    const { workerGroup, leaseMs } = settings;
    const claimed = await claimSources(db, { worker, workerGroup, leaseMs, most });
    // One that this process still looks through has lost its lease: it is stopped, and begins again when it has ended.
    for (const source of claimed) {
      if (running.has(source.id)) running.get(source.id)?.stop.abort();
      else begin(source);
    }
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

  const repeat = (what: string, work: () => Promise<void>, everyMs: number): (() => Promise<void>) => {
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
    return () => {
      clearInterval(timer);
      return turn;
    };
  };
  const stops = [
    repeat("Looking for due sources", claim, settings.sweepMs),
    // Thrice in a lease, so that one late renewal loses nothing.
    repeat("Renewing the claims of sources", renew, settings.leaseMs / 3),
  ];

  return {
    async stop(graceMs) {
      stopped = true;
      await Promise.all(stops.map((stop) => stop()));
      const left = [...running.values()];
      for (const { stop } of left) stop.abort();
      const late = new Promise<void>((resolve) => setTimeout(resolve, graceMs).unref());
      await Promise.race([Promise.all(left.map(({ done }) => done)), late]);
    },
  };
}

/** Never throws: a look that breaks off is due again once its lease has ended. */
async function lookOnce(look: Look): Promise<void> {
  const { parts, source } = look;
  try {
    await looks[source.transport]?.(look);
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
