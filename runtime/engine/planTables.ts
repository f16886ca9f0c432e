import type { PlanTable, PlanTables } from "#nodes/planTables.ts";
import type { Db } from "#runtime/store/database.ts";
import { readTable, tableRevision, tableRevisionAt } from "#runtime/store/referenceTables.ts";
import type { Flow } from "#schemas/flow.ts";
import { tableNames } from "#schemas/tableUses.ts";

/**
 * Rows of tables that a process remembers, over all tables: a few of the largest, or some hundreds as they usually are. One
 * that is not remembered is read again.
 */
const MOST_ROWS_KEPT = 100_000;

export interface TableReader {
  /** The tables that a flow looks things up in, as they stood at a revision of the environment; today's without one. */
  of(environment: string, flow: Pick<Flow, "nodes">, revision?: number): Promise<PlanTables>;
}

/** Reads tables through a memory by their own revision: that of a table never changes. */
export function tableReader(db: Db): TableReader {
  const tables = new Map<string, Promise<PlanTable | undefined>>();
  let rowsKept = 0;
  const read = (environment: string, name: string, revision: number): Promise<PlanTable | undefined> => {
    const key = JSON.stringify([environment, name, revision]);
    const known = tables.get(key);
    if (known) return known;
    const reading = readTable(db, environment, name, revision).then((found) => {
      if (!found) return undefined;
      rowsKept += found.rows.length;
      if (rowsKept > MOST_ROWS_KEPT) {
        tables.clear();
        rowsKept = 0;
      }
      const { columns, key: keyColumns, rows, hash } = found;
      return { columns, key: keyColumns, rows, hash };
    });
    // A failed read must not be remembered.
    reading.catch(() => tables.delete(key));
    tables.set(key, reading);
    return reading;
  };
  return {
    async of(environment, flow, revision) {
      const names = tableNames(flow);
      if (names.length === 0) return {};
      const at = revision ?? (await tableRevision(db, environment));
      const revisions = await tableRevisionAt(db, environment, names, at);
      const found = await Promise.all(
        [...revisions].map(async ([name, own]) => [name, await read(environment, name, own)] as const),
      );
      return Object.fromEntries(found.flatMap(([name, table]) => (table ? [[name, table]] : [])));
    },
  };
}
