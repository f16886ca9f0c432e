import type { Flow } from "./flow.ts";
import type { TableShape } from "./referenceTable.ts";

/** How a flow uses a table: the columns it finds rows by. */
export interface TableUse {
  node: string;
  table: string;
  key: readonly string[];
}

/** Where a flow looks things up; disabled nodes look up nothing. */
export const tableUses = ({ nodes }: Pick<Flow, "nodes">): TableUse[] =>
  nodes.flatMap(({ id, type, config = {}, disabled }) => {
    if (type !== "lookup" || disabled || typeof config.table !== "string") return [];
    const parts: unknown[] = Array.isArray(config.key) ? config.key : [];
    const key = parts.flatMap((part) =>
      typeof part === "object" && part !== null && "column" in part ? [String(part.column)] : [],
    );
    return [{ node: id, table: config.table, key }];
  });

/** The tables that a flow looks things up in, each once, in the order of their names. */
export const tableNames = (flow: Pick<Flow, "nodes">): string[] => [...new Set(tableUses(flow).map(({ table }) => table))].sort();

/** Why a use cannot be answered by the tables of an environment, in a sentence; undefined when it can. */
export function faultOfUse({ table, key }: TableUse, tables: Readonly<Record<string, TableShape>>): string | undefined {
  const found = Object.hasOwn(tables, table) ? tables[table] : undefined;
  if (!found) return `there is no table ${table}`;
  const same = found.key.length === key.length && found.key.every((name) => key.includes(name));
  return same ? undefined : `the key of table ${table} is ${found.key.join(", ")}, not ${key.join(", ")}`;
}
