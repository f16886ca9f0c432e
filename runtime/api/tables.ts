import type { Db } from "#runtime/store/database.ts";
import { missingTables, tableFlows } from "#runtime/store/tableFlows.ts";
import type { Flow } from "#schemas/flow.ts";
import type { TableShape } from "#schemas/referenceTable.ts";
import { faultOfUse } from "#schemas/tableUses.ts";
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

/** Refuses to deploy what would look things up in vain. */
export async function requireTables(db: Db, environment: string, flow: Pick<Flow, "nodes">): Promise<void> {
  const [first] = await missingTables(db, environment, flow);
  if (first !== undefined) throw new ApiFailure("tableMissing", { environment, detail: first });
}
