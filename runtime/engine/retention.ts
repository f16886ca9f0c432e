import { dropMonth, type Month, monthsBefore } from "#runtime/store/partitions.ts";
import { heldPayloads, purgePayloads } from "#runtime/store/purge.ts";
import { beginRetention, daysAgo, expireRows, openIn, recordHeld } from "#runtime/store/retention.ts";
import type { RetentionHeld } from "#schemas/environmentStatus.ts";
import type { EngineParts } from "./parts.ts";

/** A pass is due once an hour among all schedulers; each looks more often, so that a dead one is not missed. */
const LOOK_EVERY_MS = 600_000;

type Parts = Pick<EngineParts, "db" | "settings" | "log">;

/** Lets go of what has outlived its time, beside the sweep: a pass may take long, recovery must not wait for it. */
export function startRetention(parts: Parts): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const look = () => {
    running = retentionPass(parts, stopping.signal)
      .catch((error: unknown) => parts.log.warn({ error: String(error) }, "Retention did not get through; it is tried again."))
      .then(() => {
        if (!stopping.signal.aborted) timer = setTimeout(look, LOOK_EVERY_MS);
      });
  };
  look();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

/**
 * One pass, at most once an hour whoever calls. Months in which something is still open are kept whole, and said;
 * nothing expires in silence. False when it was not due.
 */
export async function retentionPass({ db, settings, log }: Parts, signal?: AbortSignal): Promise<boolean> {
  if (!(await beginRetention(db))) return false;
  const { keep } = settings;
  const held: RetentionHeld[] = [];
  const months: Month[] = [];
  for (const month of keep.runs === 0 ? [] : await monthsBefore(db, await daysAgo(db, keep.runs))) {
    const open = await openIn(db, month);
    if (open.runs > 0 || open.deadLetters > 0) {
      months.push(month);
      held.push({ what: "month", month: shown(month), ...open });
    } else if (!signal?.aborted) {
      await dropMonth(db, month);
      log.info({ month: shown(month) }, "A month of runs has outlived its time and was removed.");
    }
  }
  const removed = await expireRows(db, keep, months, signal);
  for (let more = true; more && !signal?.aborted; ) more = await purgePayloads(db);
  const messages = await heldPayloads(db);
  if (messages > 0) held.push({ what: "payloads", messages });
  await recordHeld(db, held);
  if (held.length > 0)
    log.warn({ held }, "Kept beyond its time, because something in it is open: end the runs, close the dead letters.");
  log.debug({ removed }, "Retention has passed.");
  return true;
}

const shown = (month: Month): string => month.replace("_", "-");
