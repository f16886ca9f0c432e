import { sql } from "kysely";
import type { Lock, RunClock } from "#nodes/plan.ts";
import type { Flow } from "#schemas/flow.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Db } from "./database.ts";
import { wholeText } from "./payloads.ts";

/** An effect of a run, as it ended. `call` and `result` are JSON texts. */
export interface EndedEffect {
  node: string;
  /** Of the run that asked for it. */
  versionId: string;
  call: string;
  /** JSON text of the item; null where it was not wanted, or is no longer kept. */
  item: string | null;
  state: "DONE" | "DEAD";
  result: string | null;
  class: OutcomeClass | null;
  reason: Reason | null;
}

/** A wait of a run that met its message, or a call of another flow that has ended. */
export interface EndedControl {
  node: string;
  /** JSON text of the item. */
  input: string;
  /** JSON text of the message that met it; null for a call. */
  message: string | null;
  /** What became of the flow that was called; null for a wait. */
  child: {
    flow: string;
    state: "SUCCEEDED" | "PARTIAL" | "DEAD";
    /** JSON text. */
    response: string | null;
    node: string | null;
    class: OutcomeClass | null;
  } | null;
}

/** A message that came in, as its run saw it, with what its effects came to. */
export interface PastMessage {
  messageId: string;
  runId: string;
  documentKey: string | null;
  /** JSON text. */
  body: string;
  clock: RunClock;
  effects: EndedEffect[];
  controls: EndedControl[];
}

/** Messages read at a time: their documents are in memory together. */
const CHUNK = 100;

export interface PastWanted {
  environment: string;
  flow: string;
  /** How many messages at most, the newest. */
  most: number;
  /** Effects whose items are wanted. */
  itemsOf: readonly string[];
}

/**
 * The last messages of a flow in an environment whose runs have ended and whose contents are still there, the newest first. What
 * another flow calls it with is a message as well: of a flow that is only called there are no others.
 */
export async function* pastMessages(db: Db, wanted: PastWanted): AsyncGenerator<PastMessage[]> {
  let before: string | null = null;
  for (let left = wanted.most; left > 0; ) {
    const messages = await readChunk(db, { ...wanted, most: Math.min(CHUNK, left) }, before);
    if (messages.length > 0) yield messages;
    if (messages.length < Math.min(CHUNK, left)) return;
    left -= messages.length;
    before = messages.at(-1)?.runId ?? null;
  }
}

/** The runs `r` of its messages `m` that have ended and are still there; what another flow calls it with has one as well. */
const triedRuns = (environment: string, flow: string) => sql`
  run r join message m on m.id = r.message_id
  where r.environment = ${environment} and r.flow_id = ${flow} and r.kind = 'live' and r.state <> 'RUNNING' and m.purged_at is null`;

/** Another text whenever `pastMessages` would read anything else: other messages, or what more of their effects and waits came to. */
export async function pastMessagesStamp(db: Db, { environment, flow, most }: Omit<PastWanted, "itemsOf">): Promise<string> {
  const { rows } = await sql<{ stamp: string }>`
    with last as materialized (
      select r.id, r.message_id from ${triedRuns(environment, flow)} order by r.id desc limit ${most}
    )
    select concat_ws(' ', (select md5(string_agg(id::text, ',' order by id)) from last),
      (select md5(string_agg(t.id || t.state || t.epoch || coalesce(c.state, ''), ',' order by t.id)) from last l
        join run r on r.message_id = l.message_id join task t on t.run_id = r.id left join run c on c.parent_task = t.id
        where t.kind in ('effect', 'control') and t.state in ('DONE', 'DEAD'))) as stamp`.execute(db);
  return rows[0]?.stamp ?? "";
}

async function readChunk(
  db: Db,
  { environment, flow, most, itemsOf }: PastWanted,
  before: string | null,
): Promise<PastMessage[]> {
  const { rows } = await sql<Omit<PastMessage, "effects" | "controls">>`
    select r.id as "runId", r.message_id as "messageId", r.document_key as "documentKey", ${wholeText("m", "body", "payload_id")} as body,
      json_build_object('runId', r.id, 'now', to_char(r.clock_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'seed', r.seed, 'sourceNode', r.source_node) as clock
    from ${triedRuns(environment, flow)} and (${before}::uuid is null or r.id < ${before}::uuid)
    order by r.id desc limit ${most}`.execute(db);
  const messages = rows.map(({ messageId }) => messageId);
  const [effects, controls] = await Promise.all([readEffects(db, messages, itemsOf), readControls(db, messages)]);
  return rows.map((row) => ({
    ...row,
    effects: effects.get(row.messageId) ?? [],
    controls: controls.get(row.messageId) ?? [],
  }));
}

/** What the effects of all runs on the messages came to, replays among them. */
async function readEffects(db: Db, messages: string[], itemsOf: readonly string[]): Promise<Map<string, EndedEffect[]>> {
  const { rows } = await sql<EndedEffect & { messageId: string }>`
    select r.message_id as "messageId", t.node_id as node, r.version_id as "versionId", t.call, t.state, ${wholeText("t", "result", "result_payload_id")} as result,
      t.class, t.reason, case when t.node_id = any(${itemsOf}::text[]) then ${wholeText("t", "input", "payload_id")} end as item
    from run r join task t on t.run_id = r.id
    where r.message_id = any(${messages}::uuid[]) and t.kind = 'effect' and t.state in ('DONE', 'DEAD') and t.call is not null
    order by t.id`.execute(db);
  return byMessage(rows);
}

/** What met the waits of all runs on the messages, and what became of the flows they called. */
async function readControls(db: Db, messages: string[]): Promise<Map<string, EndedControl[]>> {
  const { rows } = await sql<EndedControl & { messageId: string }>`
    select r.message_id as "messageId", t.node_id as node, ${wholeText("t", "input", "payload_id")} as input,
      t.call::json ->> 'message' as message,
      case when c.id is not null then json_build_object('flow', c.flow_id, 'state', c.state, 'response', c.response, 'node', c.failed_node,
        'class', c.failed_class) end as child
    from run r join task t on t.run_id = r.id
      left join lateral (select * from run c where c.parent_task = t.id order by c.id desc limit 1) c on true
    where r.message_id = any(${messages}::uuid[]) and t.kind = 'control' and t.state in ('DONE', 'DEAD')
      and (t.input is not null or t.payload_id is not null)
      and (t.call::json ->> 'message' is not null or c.state in ('SUCCEEDED', 'PARTIAL', 'DEAD'))
    order by t.id`.execute(db);
  return byMessage(rows);
}

function byMessage<Row>(rows: readonly (Row & { messageId: string })[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const known = found.get(row.messageId);
    if (known) known.push(row);
    else found.set(row.messageId, [row]);
  }
  return found;
}

/** Some versions with what they were made of, by id. */
export async function readVersions(db: Db, ids: readonly string[]): Promise<Map<string, { flow: Flow; lock: Lock }>> {
  const rows = await db.selectFrom("version").select(["id", "flow", "lock"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, flow, lock }) => [id, { flow: JSON.parse(flow) as Flow, lock: JSON.parse(lock) as Lock }]));
}

/** The number of the version by which the newest message of a flow runs in an environment. */
export async function lastVersionOf(db: Db, environment: string, flow: string): Promise<number | undefined> {
  const { rows } = await sql<{ number: number }>`
    select version_number as number from run where environment = ${environment} and flow_id = ${flow} and kind = 'live'
    order by id desc limit 1`.execute(db);
  return rows[0]?.number;
}

/** By node of a flow, how much of it is open in an environment. */
export async function openWork(
  db: Db,
  environment: string,
  flow: string,
): Promise<Record<string, { tasks: number; deadLetters: number }>> {
  const { rows } = await sql<{ node: string; tasks: number; deadLetters: number }>`
    select node, sum(tasks)::int as tasks, sum(letters)::int as "deadLetters" from (
      select node_id as node, count(*) as tasks, 0 as letters from task
      where environment = ${environment} and flow_id = ${flow} and state in ('READY', 'CLAIMED') group by node_id
      union all
      select node_id, 0, count(*) from dead_letter
      where environment = ${environment} and flow_id = ${flow} and state = 'open' group by node_id
    ) open group by node`.execute(db);
  return Object.fromEntries(rows.map(({ node, ...counts }) => [node, counts]));
}
