import { sql } from "kysely";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Db } from "./database.ts";
import { isId } from "./ids.ts";

/** A called run, as far as it has come. */
export interface CalledRun {
  id: string;
  state: "RUNNING" | "SUCCEEDED" | "PARTIAL" | "DEAD" | "CANCELLED";
  /** JSON text of `{ status, body }`: what the flow responded. */
  response: string | null;
  /** Of a run with dead letters: the newest one. */
  failed: { node: string; class: OutcomeClass; reason: Reason } | null;
}

const columns = sql`
  r.id, r.state, r.response, case when r.state in ('PARTIAL', 'DEAD') then (
    select json_build_object('node', d.node_id, 'class', d.class, 'reason', d.reason) from dead_letter d
    where d.run_id = r.id order by d.id desc limit 1) end as failed`;

/** Those of the runs that have answered or ended. */
export async function answeredRuns(db: Db, ids: readonly string[]): Promise<CalledRun[]> {
  const { rows } = await sql<CalledRun>`
    select ${columns} from run r where r.id = any(${ids}::uuid[]) and (r.response is not null or r.state <> 'RUNNING')`.execute(
    db,
  );
  return rows;
}

/** The run of a message that came in through a source; undefined when the source has none under the receipt. */
export async function runOfReceipt(db: Db, bindingId: string, receipt: string): Promise<CalledRun | undefined> {
  if (!isId(receipt)) return undefined;
  const { rows } = await sql<CalledRun>`
    select ${columns} from message m join run r on r.message_id = m.id
    where m.id = ${receipt} and m.binding_id = ${bindingId} order by r.id limit 1`.execute(db);
  return rows[0];
}
