import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Flow } from "#schemas/flow.ts";
import { sha256Hex } from "#schemas/hash.ts";
import type { GivenRow, TableRow, TableShape } from "#schemas/referenceTable.ts";
import { rowKey } from "#schemas/tableRows.ts";
import { tableUses } from "#schemas/tableUses.ts";
import type { Plan } from "./plan.ts";

/** A reference table as evaluation needs it. */
export interface PlanTable extends TableShape {
  rows: readonly TableRow[];
  /** Equal for tables that mean the same. */
  hash: string;
}

export type PlanTables = Readonly<Record<string, PlanTable>>;

/** Made once for each table, since a lookup must not cost more where there are more rows. */
const indexes = new WeakMap<PlanTable, ReadonlyMap<string, TableRow>>();

function indexOf(table: PlanTable): ReadonlyMap<string, TableRow> {
  const known = indexes.get(table);
  if (known) return known;
  const index = new Map(table.rows.flatMap((row) => [[rowKey(table, row) ?? "", row] as const]));
  indexes.set(table, index);
  return index;
}

/** The row of a key; undefined where there is none, or a part of the key is empty. */
export function findRow(table: PlanTable, key: Readonly<Record<string, unknown>>): TableRow | undefined {
  const found = rowKey(table, key);
  return found === undefined ? undefined : indexOf(table).get(found);
}

/** The same plan with these tables; what it is known by follows from what they hold. */
export function withTables(plan: Plan, tables: PlanTables): Plan {
  const names = Object.keys(tables).sort();
  if (names.length === 0) return plan;
  const hashes = names.map((name) => [name, tables[name]?.hash]);
  return { ...plan, key: sha256Hex(JSON.stringify([plan.key, hashes])), tables };
}

/** The tables that a sample brings: rows alone, found by the columns that the flow's own lookups name. */
export function sampleTables(flow: Pick<Flow, "nodes">, given: Readonly<Record<string, readonly GivenRow[]>> = {}): PlanTables {
  const uses = tableUses(flow);
  return Object.fromEntries(
    Object.entries(given).map(([name, rows]) => {
      const key = uses.find(({ table }) => table === name)?.key ?? [];
      return [name, { columns: [], key, rows: rows.map(cells), hash: sha256Hex(canonicalJson([key, rows])) }];
    }),
  );
}

/** As a table would hold them: numbers as text, nothing where a cell is empty. */
const cells = (row: GivenRow): TableRow =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      value === null || value === "" ? [] : [[name, typeof value === "number" ? String(value) : value] as const],
    ),
  );
