import type { EngineParts } from "#runtime/engine/parts.ts";
import { newId } from "#runtime/store/ids.ts";
import { claimSources } from "#runtime/store/sources.ts";
import type { SourceTransport } from "#schemas/source.ts";
import { lookFolder } from "./files.ts";
import type { Look } from "./look.ts";
import { looksUnderWay } from "./looks.ts";
import { lookSchedule } from "./schedule.ts";

const looks: Partial<Record<SourceTransport, (look: Look) => Promise<void>>> = {
  schedule: lookSchedule,
  file: lookFolder,
  sftp: lookFolder,
};

/** Looks through the sources that nobody calls and that send no requests over HTTP: schedules, folders. */
export interface Sources {
  /** Begins nothing more, and waits for what is under way for `graceMs` at most. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts to look for due sources of all environments. Any number of processes may do this at once: a source is claimed
 * in the database, by one of them at a time.
 */
export function startSources(parts: EngineParts): Sources {
  const { workerGroup, leaseMs, sweepMs } = parts.settings;
  const worker = `sources ${process.pid} ${newId()}`;
  const underWay = looksUnderWay(parts);
  const claim = async (): Promise<void> => {
    const most = underWay.room();
    if (most === 0) return;
    for (const source of await claimSources(parts.db, { worker, workerGroup, leaseMs, most })) {
      if (underWay.free(source.id)) void underWay.begin(source, async (look) => looks[source.transport]?.(look));
    }
  };
  underWay.repeat("Looking for due sources", claim, sweepMs);
  return { stop: underWay.stop };
}
