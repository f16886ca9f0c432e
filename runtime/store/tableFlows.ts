import { sql } from "kysely";
import type { Flow } from "#schemas/flow.ts";
import { faultOfUse, type TableUse, tableUses } from "#schemas/tableUses.ts";
import type { Db } from "./database.ts";
import { listTables } from "./referenceTables.ts";

/** A version that an environment relies on, with where it looks things up. */
export interface TableFlow {
  flow: string;
  version: number;
  uses: TableUse[];
}

/**
 * The versions that look something up in reference tables, of those that an environment runs, is about to run, or may go
 * back to in one click.
 */
export async function tableFlows(db: Db, environment: string): Promise<TableFlow[]> {
  // Most flows look nothing up; only those that may are read whole.
  const { rows } = await sql<{ flow: string; number: number; body: string }>`
    select v.flow_id as flow, v.number, v.flow as body from version v
    where v.id in (
        select dv.version_id from deployment d join deployment_version dv on dv.deployment_id = d.id
          where d.environment = ${environment}
        union select p.version_id from promotion p where p.environment = ${environment} and p.state in ('requested', 'approved')
        union select p.base_id from promotion p where p.environment = ${environment} and p.state = 'active')
      and position('"lookup"' in v.flow) > 0
    order by v.flow_id, v.number`.execute(db);
  return rows.map(({ flow, number, body }) => ({ flow, version: number, uses: tableUses(JSON.parse(body) as Flow) }));
}

/** What a flow would look up in vain in an environment, a sentence for each node. */
export async function missingTables(db: Db, environment: string, flow: Pick<Flow, "nodes">): Promise<string[]> {
  const uses = tableUses(flow);
  if (uses.length === 0) return [];
  const tables = Object.fromEntries((await listTables(db, environment)).map((table) => [table.name, table]));
  return uses.flatMap((use) => {
    const fault = faultOfUse(use, tables);
    return fault === undefined ? [] : [`node ${use.node}: ${fault}.`];
  });
}
