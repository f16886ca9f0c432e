import { sql, type Transaction } from "kysely";
import { advanceRuns, advanceScopes, type RunStep, type ScopeStep } from "./advance.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { newId } from "./ids.ts";
import { insertPayloads, wholeText } from "./payloads.ts";
import { stillGoesOn } from "./stillGoesOn.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

interface Due {
  environment: string;
  flow: string;
  node: string;
  key: string;
  version: string;
  deployment: string;
  mostCount: number;
  mostBytes: string;
}

interface Item {
  id: string;
  run: string;
  scope: string | null;
  input: string;
  bytes: number;
}

/**
 * Lets one batch go that is full or old enough: its oldest items, up to what a batch may have, end where they are and go
 * on together as one list in a run of their own. One transaction: an item is in its own run or in the batch's, never in
 * neither or both. Answers false when none is due.
 */
export async function releaseBatch(db: Db): Promise<boolean> {
  return transact(db, "batch.release", async (tx) => {
    const { rows } = await sql<Due>`
      select environment, flow_id as flow, node_id as node, key, version_id as version, deployment_id as deployment,
        most_count as "mostCount", most_bytes as "mostBytes"
      from gather where due_at <= clock_now() order by due_at limit 1 for update skip locked`.execute(tx);
    const due = rows[0];
    if (!due) return false;
    const items = await takeItems(tx, due);
    await leaveRest(tx, due, items);
    if (items.length > 0) await startRun(tx, due, items);
    return true;
  });
}

const input = wholeText("task", "input", "payload_id");

/** What waits for a batch of its key, oldest first, up to what one may have. */
const waiting = ({ environment, flow, node, key, mostCount }: Due, after: string | null) => sql`
  from task where environment = ${environment} and flow_id = ${flow} and node_id = ${node} and meet_key = ${key}
    and kind = 'control' and state = 'READY' and ${stillGoesOn} and (${after}::uuid is null or id > ${after})
  order by id limit ${mostCount}`;

/** The items of the batch, oldest first, each ended as gone on in the batch. */
async function takeItems(tx: Tx, due: Due): Promise<Item[]> {
  const { rows } = await sql<Item>`
    select id, run_id as run, scope_id as scope, ${input} as input, octet_length(${input}) as bytes ${waiting(due, null)}
    for update`.execute(tx);
  let bytes = 0;
  const items = rows.filter((row, index) => {
    bytes += row.bytes;
    return index === 0 || bytes <= Number(due.mostBytes);
  });
  return items;
}

/**
 * What stays behind is the next batch: it leaves at once when there is enough of it, else when its own oldest item has waited
 * long enough. It is counted anew, up to a whole batch: items of cancelled runs are gone without having been taken.
 */
async function leaveRest(tx: Tx, due: Due, items: Item[]): Promise<void> {
  const { rows } = await sql<{ count: number; bytes: string; since: string | null }>`
    select count(*)::int as count, coalesce(sum(bytes), 0) as bytes, min(created_at)::text as since
    from (select created_at, octet_length(${input}) as bytes ${waiting(due, items.at(-1)?.id ?? null)}) rest`.execute(tx);
  const { count, bytes, since } = rows[0] ?? { count: 0, bytes: "0", since: null };
  const batch = sql`environment = ${due.environment} and flow_id = ${due.flow} and node_id = ${due.node} and key = ${due.key}`;
  if (count === 0) {
    await sql`delete from gather where ${batch}`.execute(tx);
    return;
  }
  const full = count >= due.mostCount || Number(bytes) >= Number(due.mostBytes);
  await sql`
    update gather set count = ${count}, bytes = ${bytes}::bigint,
      due_at = case when ${full} then clock_now() else ${since}::timestamptz + most_wait end where ${batch}`.execute(tx);
}

async function startRun(tx: Tx, due: Due, items: Item[]): Promise<void> {
  const [message, run, task] = [newId(), newId(), newId()];
  const body = `[${items.map((item) => item.input).join(",")}]`;
  const node = due.node;
  const payload = (await insertPayloads(tx, [{ owner: message, text: body }])).get(message) ?? null;
  await sql`
    insert into message (id, environment, flow_id, binding_id, source_node, dedupe_key, headers, body, payload_id, bytes,
      received_at, purge_after)
    values (${message}, ${due.environment}, ${due.flow}, ${due.deployment}, ${node}, ${message}, '{}',
      ${payload === null ? body : null}, ${payload}, ${Buffer.byteLength(body)}, clock_now(),
      (select min(m.purge_after) from run r join message m on m.id = r.message_id where r.id = any(${items.map((item) => item.run)}::uuid[])))`.execute(
    tx,
  );
  await sql`
    insert into run (id, message_id, environment, flow_id, version_id, version_number, deployment_id, source_node, state,
      open_tasks, clock_at, seed, started_at)
    select ${run}, ${message}, ${due.environment}, ${due.flow}, ${due.version}, number, ${due.deployment}, ${node}, 'RUNNING', 1,
      clock_now(), ${run}::text, clock_now() from version where id = ${due.version}`.execute(tx);
  await sql`
    insert into task (id, run_id, environment, flow_id, version_id, kind, node_id, port, state, due_at, hint_at, queue, created_at)
    values (${task}, ${run}, ${due.environment}, ${due.flow}, ${due.version}, 'segment', ${node}, 'out', 'READY', clock_now(),
      clock_now(), 'evaluate', clock_now())`.execute(tx);
  const result = JSON.stringify({ batch: run });
  await sql`
    update task set state = 'DONE', result = ${result}, ended_at = clock_now()
    where id = any(${items.map((item) => item.id)}::uuid[])`.execute(tx);
  const runs = new Map<string, RunStep>();
  const scopes = new Map<string, ScopeStep>();
  for (const item of items) {
    const step = runs.get(item.run);
    if (step) {
      step.open -= 1;
      step.leaf += 1;
    } else {
      runs.set(item.run, {
        run: item.run,
        open: -1,
        dead: 0,
        leaf: 1,
        node: null,
        class: null,
        response: null,
        parked: false,
      });
    }
    if (item.scope) {
      const scope = scopes.get(item.scope) ?? { scope: item.scope, open: 0, dead: 0 };
      scopes.set(item.scope, { ...scope, open: scope.open - 1 });
    }
  }
  await advanceScopes(tx, [...scopes.values()]);
  await advanceRuns(tx, [...runs.values()]);
}
