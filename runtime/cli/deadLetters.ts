import type { DeadLetters } from "#schemas/api.ts";
import type { DeadLetter, DeadLetterDetail, DeadLettersDone } from "#schemas/deadLetter.ts";
import { counted, type Io, type Report, table, UserError } from "./output.ts";
import { ask, type Done, lines, mustAsk, readCount, readFilter, readItemFile, type ServerOptions } from "./server.ts";

const names = ["environment", "flow", "version", "class", "node", "connector", "assignee", "tag", "state", "q"] as const;

/** Rows of one list, and letters that one request closes, at most. */
const MOST_LISTED = 200;
const MOST_CLOSED = 1_000;

export interface ListOptions extends ServerOptions {
  filter: string[];
  limit: string;
}

/** The newest dead letters that fit; the open ones where the filter names no state. */
export async function listDeadLetters(options: ListOptions): Promise<Report> {
  const limit = readCount("--limit", options.limit, 1, MOST_LISTED);
  const query = new URLSearchParams({ state: "open", ...readFilter(options.filter, names), limit: String(limit) });
  const { items, next } = await mustAsk<DeadLetters>(options, "GET", `/dead-letters?${query}`);
  const rows = items.map(({ id, createdAt, class: kind, flow, node, documentKey, state, reason }) => {
    return [id, createdAt, kind, `${flow}/${node}`, documentKey ?? "", state, reason.message];
  });
  const header = ["id", "since", "class", "flow/node", "document", "state", "reason"];
  const more = next === null ? "" : "\nThere are more; narrow them with --filter or raise --limit.";
  const text = items.length === 0 ? "No dead letter fits." : `${table(header, rows)}${more}`;
  return { ok: true, text, json: { ok: true, items, next } };
}

/** One dead letter with its item, effect and attempts. */
export async function showDeadLetter(id: string, options: ServerOptions): Promise<Report> {
  const detail = await mustAsk<DeadLetterDetail>(options, "GET", `/dead-letters/${encodeURIComponent(id)}`);
  const { letter, effect, attempts, item, request, runState } = detail;
  const { reason } = letter;
  const text = [
    `${letter.class} at ${letter.flow}/${letter.node}, version ${letter.version}, ${letter.environment}: ${letter.state}`,
    `document ${letter.documentKey ?? "without a key"}, run ${letter.runId} ${runState ?? "gone"}`,
    reason.hint ? `${reason.message} ${reason.hint}` : reason.message,
    effect ? `effect ${effect.state}, mode ${effect.mode}, sent ${effect.sentAt}: ${effect.key}` : "no effect",
    ...attempts.map(
      ({ number, startedAt, outcome, reason: why }) => `attempt ${number}, ${startedAt}: ${outcome} ${why?.message ?? ""}`,
    ),
    ...(request ? [`request ${JSON.stringify(request, null, 2)}`] : []),
    `item ${JSON.stringify(item, null, 2)}`,
  ].join("\n");
  return { ok: true, text, json: { ok: true, ...detail } };
}

export interface CloseOptions extends ServerOptions {
  filter: string[];
  limit: string;
  item?: string;
  note?: string;
}

/** Retries or resolves dead letters by their ids, or all open ones that fit, the oldest first. */
export async function closeDeadLetters(
  action: "retry" | "resolve",
  ids: string[],
  options: CloseOptions,
  io: Io,
): Promise<Report> {
  const { note, item } = options;
  if (ids.length > 0 && options.filter.length > 0) throw new UserError("Name dead letters or a --filter, not both.");
  if (ids.length === 0 && options.filter.length === 0)
    throw new UserError("Name dead letters, or a --filter with environment=...");
  if (item !== undefined && ids.length !== 1) throw new UserError("--item stands for one dead letter; name one.");
  if (ids.length === 0) return closeFitting(action, options);
  const edited = item === undefined ? undefined : { item: await readItemFile(item, io) };
  const verb = edited ? "retry-edited" : action;
  const done: Done[] = [];
  for (const id of ids) {
    const body = edited ?? (action === "resolve" ? { note } : {});
    const answer = await ask<DeadLetter>(options, "POST", `/dead-letters/${encodeURIComponent(id)}/${verb}`, body);
    done.push({ id, ok: answer.ok, said: answer.ok ? `${answer.body.state}.` : answer.said });
  }
  const ok = done.every((each) => each.ok);
  return { ok, text: lines(done), json: { ok, letters: done } };
}

async function closeFitting(action: "retry" | "resolve", options: CloseOptions): Promise<Report> {
  const filter = readFilter(
    options.filter,
    names.filter((name) => name !== "state"),
  );
  const limit = readCount("--limit", options.limit, 1, MOST_CLOSED);
  const body = { action, filter, limit, ...(options.note === undefined ? {} : { note: options.note }) };
  const { matching, done, problems } = await mustAsk<DeadLettersDone>(options, "POST", "/dead-letters/close", body);
  const ok = problems.length === 0;
  const all = `${counted(matching, "dead letter")} ${matching === 1 ? "fits" : "fit"}, ${done} ${action === "retry" ? "retried" : "resolved"}.`;
  return {
    ok,
    text: [all, ...problems.map(({ id, message }) => `${id}: ${message}`)].join("\n"),
    json: { ok, matching, done, problems },
  };
}
