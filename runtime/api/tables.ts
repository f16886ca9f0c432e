import type { Db } from "#runtime/store/database.ts";
import { listTables } from "#runtime/store/referenceTables.ts";
import { tableFlows } from "#runtime/store/tableFlows.ts";
import type { Flow } from "#schemas/flow.ts";
import type { TableShape } from "#schemas/referenceTable.ts";
import { faultOfUse, tableUses } from "#schemas/tableUses.ts";
import { ApiFailure } from "./errors.ts";

/** Refuses to take from deployed flows what they look things up by. */
export async function requireStillUsable(
  db: Db,
  environment: string,
  table: string,
  becomes: TableShape | undefined,
): Promise<void> {
  const tables = becomes ? { [table]: becomes } : {};
  const broken = (await tableFlows(db, environment)).flatMap(({ flow, version, uses }) => {
    const faults = uses.filter((use) => use.table === table).flatMap((use) => faultOfUse(use, tables) ?? []);
    return faults[0] === undefined ? [] : [`${flow} version ${version} (${faults[0]})`];
  });
  if (broken.length > 0) throw new ApiFailure("tableUsed", { environment, table, detail: `${broken.join(", ")}.` });
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

/** Refuses to deploy what would look things up in vain. */
export async function requireTables(db: Db, environment: string, flow: Pick<Flow, "nodes">): Promise<void> {
  const [first] = await missingTables(db, environment, flow);
  if (first !== undefined) throw new ApiFailure("tableMissing", { environment, detail: first });
}
