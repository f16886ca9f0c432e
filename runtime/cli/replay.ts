import type { RunReplayed, RunsReplayed } from "#schemas/api.ts";
import { counted, type Io, type Report, UserError } from "./output.ts";
import { ask, type Done, lines, mustAsk, readCount, readFilter, readItemFile, type ServerOptions } from "./server.ts";

export interface ReplayOptions extends ServerOptions {
  filter: string[];
  limit: string;
  lane: string;
  from?: string;
  on?: string;
  item?: string;
}

const names = ["environment", "flow", "state", "class", "node", "since", "until", "q"] as const;

/** The most that one request begins. */
const MOST = 1_000;

/** Replays runs by their ids, or all that fit a filter. */
export async function replayRuns(runs: string[], options: ReplayOptions, io: Io): Promise<Report> {
  const { from, on, item } = options;
  const wish = {
    ...(from === undefined ? {} : { from }),
    ...(on === undefined ? {} : { version: readCount("--on", on, 1, 2_147_483_647) }),
  };
  if (runs.length > 0 && options.filter.length > 0) throw new UserError("Name runs or a --filter, not both.");
  if (runs.length > 0) {
    const edited = item === undefined ? {} : { item: await readItemFile(item, io) };
    if (item !== undefined && runs.length > 1) throw new UserError("--item stands for one run; name one.");
    return byId(runs, { ...wish, ...edited }, options);
  }
  if (options.filter.length === 0)
    throw new UserError("Name the runs to replay, or a --filter with environment=... and flow=...");
  if (item !== undefined) throw new UserError("--item stands for one run; name it in the place of the --filter.");
  return byFilter(wish, options);
}

async function byId(runs: string[], wish: object, options: ServerOptions): Promise<Report> {
  const done: Done[] = [];
  for (const id of runs) {
    const { ok, body, said } = await ask<RunReplayed>(options, "POST", `/runs/${encodeURIComponent(id)}/replay`, wish);
    done.push(ok ? { id, ok, said: saidOf(body), ...body } : { id, ok, said });
  }
  const ok = done.every((each) => each.ok);
  return { ok, text: lines(done), json: { ok, replays: done } };
}

function saidOf({ runId, held, waitsForDocument }: RunReplayed): string {
  if (held) return `replayed as ${runId}, which is held: the deployment is paused.`;
  return waitsForDocument ? `replayed as ${runId}, after the run before it of this document.` : `replayed as ${runId}.`;
}

async function byFilter(wish: object, options: ReplayOptions): Promise<Report> {
  const limit = readCount("--limit", options.limit, 0, MOST);
  const filter = readFilter(options.filter, names);
  if (!["replay", "backfill"].includes(options.lane)) throw new UserError(`--lane is replay or backfill, not "${options.lane}".`);
  const body = { filter, limit, lane: options.lane, ...wish };
  const { matching, done, problems } = await mustAsk<RunsReplayed>(options, "POST", "/replays", body);
  const ok = problems.length === 0;
  const all = `${counted(matching, "run")} ${matching === 1 ? "fits" : "fit"}, ${done} replayed.`;
  return {
    ok,
    text: [all, ...problems.map(({ id, message }) => `${id}: ${message}`)].join("\n"),
    json: { ok, matching, done, problems },
  };
}
