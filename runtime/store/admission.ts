import { type RawBuilder, sql, type Transaction } from "kysely";
import type { Standing } from "#schemas/admission.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import type { Database } from "./tables.ts";

/** What a visit makes of a standing; `null` is one that nobody has visited yet. */
export type Change<Result> = (
  standing: Standing | null,
  now: number,
) => { standing: Standing; shutUntil: number; result: Result };

/** What has limits that all processes share: a connection, by its id, or a way through an environment. */
export type Admitted = string;

/** The ways through an environment that can be limited, as they stand before its id in an `Admitted`. */
export type EnvironmentWay = "evaluation" | "intake";

export const environmentWay = (way: EnvironmentWay, environment: string): Admitted => `${way} ${environment}`;

/** Null for a connection. */
export function readEnvironmentWay(of: Admitted): { way: EnvironmentWay; environment: string } | null {
  const [way = "", environment] = of.split(" ");
  return environment !== undefined && (way === "evaluation" || way === "intake") ? { way, environment } : null;
}

/** The row that holds a standing. */
function rowOf(of: Admitted): { table: RawBuilder<unknown>; is: RawBuilder<unknown> } {
  const through = readEnvironmentWay(of);
  return through
    ? {
        table: sql`environment_admission`,
        is: sql`environment = ${through.environment} and way = ${through.way}`,
      }
    : { table: sql`admission`, is: sql`connection_id = ${of}` };
}

/**
 * Changes a standing under its row's lock, by the database's clock. Undefined when the connection or environment is gone.
 */
export async function changeStanding<Result>(db: Db, of: Admitted, change: Change<Result>): Promise<Result | undefined> {
  const { table, is } = rowOf(of);
  return transact(db, "admission.visit", async (tx) => {
    const look = async () => {
      const { rows } = await sql<{ standing: Standing | null; now: number }>`
        select standing, extract(epoch from clock_now())::float8 * 1000 as now from ${table} where ${is} for update`.execute(tx);
      return rows[0];
    };
    let row = await look();
    if (!row) {
      await make(tx, of);
      row = await look();
    }
    if (!row) return undefined;
    const { standing, shutUntil, result } = change(row.standing, row.now);
    // No hints are held back for an environment: what waits there is told by nothing else.
    const shut = readEnvironmentWay(of) ? sql`` : sql`, shut_until = to_timestamp(${shutUntil / 1000})`;
    await sql`
      update ${table} set standing = ${JSON.stringify(standing)}, updated_at = clock_now()${shut} where ${is}`.execute(tx);
    return result;
  });
}

/** Makes the row; who comes second at the same moment waits, and finds what the first wrote. */
async function make(tx: Transaction<Database>, of: Admitted): Promise<void> {
  const through = readEnvironmentWay(of);
  if (through) {
    await sql`
      insert into environment_admission (environment, way, standing, updated_at)
      select id, ${through.way}, 'null', clock_now() from environment where id = ${through.environment} on conflict do nothing`.execute(
      tx,
    );
    return;
  }
  await sql`
    insert into admission (connection_id, standing, updated_at)
    select id, 'null', clock_now() from connection where id = ${of} on conflict do nothing`.execute(tx);
}

/** The standings that were visited, as they are now. */
export async function readStandings(
  db: Db,
  all: readonly Admitted[],
): Promise<Map<Admitted, { standing: Standing; now: number }>> {
  const environments = all.filter((of) => readEnvironmentWay(of));
  const connections = all.filter((of) => !readEnvironmentWay(of));
  // One without limits asks nothing of what has none.
  const limited =
    environments.length === 0
      ? sql``
      : sql`union all select way || ' ' || environment, standing from environment_admission
          where way || ' ' || environment = any(${environments}::text[])`;
  const { rows } = await sql<{ id: string; standing: Standing | null; now: number }>`
    select id, standing, extract(epoch from clock_now())::float8 * 1000 as now from (
      select connection_id::text as id, standing from admission where connection_id = any(${connections}::uuid[]) ${limited}) known`.execute(
    db,
  );
  return new Map(rows.flatMap(({ id, standing, now }) => (standing ? [[id, { standing, now }]] : [])));
}
