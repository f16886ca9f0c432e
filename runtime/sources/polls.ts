import type { Permit } from "#runtime/engine/gate.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { WaitingPages } from "#runtime/engine/worker.ts";
import { newId } from "#runtime/store/ids.ts";
import { claimSources, type DuePoll, duePolls } from "#runtime/store/sources.ts";
import { looksUnderWay } from "./looks.ts";
import { lookPoll } from "./poll.ts";

/** Polls known to be due at a time; more are found when these have been looked through. */
const MOST_KNOWN = 500;

/**
 * Starts to look for due polls of all environments, and lets their connections know that something waits there: each page
 * waits for a place among the effects that do. Any number of workers may do this at once: a poll is claimed in the
 * database, by one that has a place for it.
 */
export function startPolls(parts: EngineParts): WaitingPages {
  const { db, settings, admission } = parts;
  const { workerGroup, leaseMs, sweepMs } = settings;
  const worker = `polls ${process.pid} ${newId()}`;
  const underWay = looksUnderWay(parts);
  /** By id. */
  const due = new Map<string, DuePoll>();

  /** Claims polls and begins a page of each; one without a permit asks for a place by itself. */
  const begin = async (ids: string[], permits: Permit[]): Promise<number> => {
    const polls = new Map(ids.map((id) => [id, due.get(id)]));
    for (const id of ids) due.delete(id);
    const claimed = await claimSources(db, { worker, workerGroup, leaseMs, most: ids.length, polls: ids });
    const fresh = claimed.filter((source) => underWay.free(source.id));
    fresh.forEach((source, place) => {
      let waits = false;
      const ended = underWay.begin(source, async (look) => {
        waits = await lookPoll(look, permits[place]);
      });
      void ended.then(() => {
        const poll = polls.get(source.id);
        if (waits && poll) call(poll);
      });
    });
    return fresh.length;
  };

  /** A page waits for its turn. */
  const call = (poll: DuePoll): void => {
    due.set(poll.id, poll);
    admission.wake(poll.connectionId);
  };

  const find = async (): Promise<void> => {
    if (underWay.room() === 0) return;
    const found = await duePolls(db, workerGroup, MOST_KNOWN);
    due.clear();
    for (const poll of found) due.set(poll.id, poll);
    // The first of a connection that is not known here yet makes it known.
    const first = new Map(found.toReversed().map((poll) => [poll.connectionId, poll.id]));
    for (const [connectionId, id] of first) {
      if (!admission.wake(connectionId) && underWay.room() > 0) await begin([id], []);
    }
  };
  underWay.repeat("Looking for due polls", find, sweepMs);

  return {
    due(connectionId, except) {
      const open = [...due.values()].filter(
        (poll) =>
          poll.connectionId === connectionId &&
          !underWay.has(poll.id) &&
          !except.some(({ flow, node }) => flow === poll.flow && node === poll.node),
      );
      // Each is a share of its own: it has its turns whatever else of its flow waits.
      return open
        .slice(0, underWay.room())
        .map(({ id, flow, node }) => ({ lane: 0, source: "poll", flow: `${flow} ${node}`, items: [id] }));
    },
    begin,
    stop: underWay.stop,
  };
}
