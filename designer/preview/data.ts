import { isObject } from "#schemas/isObject.ts";

/** How the data of a port is shown. */
export type DataForm = "table" | "json" | "schema";

type Row = Readonly<Record<string, unknown>>;

/** Items as rows: a list gives one for each member, one object one for each field, anything else one with its value. */
export function rowsOf(items: readonly unknown[]): Row[] {
  const [first] = items;
  const members = items.length === 1 && Array.isArray(first) ? first : items;
  if (members.length === 1 && isObject(members[0]) && !Array.isArray(first))
    return Object.entries(members[0]).map(([name, value]) => ({ name, value }));
  return members.map((member: unknown) => (isObject(member) ? member : { value: member }));
}

/** Every column that some row has, in the order of their first appearance. */
export const columnsOf = (rows: readonly Row[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row)))];

const LONGEST_CELL = 60;

/** One value as the text of a cell; what is nested is shown as JSON, shortened. */
export function rowText(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL - 1)}…` : text;
}
