import { isObject } from "#schemas/isObject.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import { faultOfUse } from "#schemas/tableUses.ts";
import { expressionFailure } from "../expression/expressionFailure.ts";
import type { PlanTable } from "../planTables.ts";
import { findRow } from "../planTables.ts";
import type { Execute, PureContext } from "../pureNode.ts";

interface LookupConfig {
  table: string;
  each?: string;
  key: { column: string; value: string }[];
  into: string;
  column?: string;
  missing: "fail" | "default" | "pass";
  default?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Thrown within, so that each step reads as what it does. */
class Refused extends Error {
  readonly class: OutcomeClass;
  readonly reason: Reason;
  constructor({ class: kind, reason }: { class: OutcomeClass; reason: Reason }) {
    super(reason.message);
    this.class = kind;
    this.reason = reason;
  }
}

const invalid = (reason: Reason): Refused => new Refused({ class: "invalid", reason });

/** Adds what a reference table says to the item, or to each member of a list in it. */
export const execute: Execute = async (item, config, context) => {
  const lookup = { into: "lookup", missing: "fail", ...config } as unknown as LookupConfig;
  try {
    const table = tableOf(lookup, context);
    const { value, missing } = await filled(lookup, table, item, context);
    return { ok: true, port: missing ? "missing" : "found", item: value };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, class: error.class, reason: error.reason };
    throw error;
  }
};

function tableOf({ table: name, key }: LookupConfig, context: PureContext): PlanTable {
  const table = context.table(name);
  const fault = faultOfUse({ node: "", table: name, key: key.map(({ column }) => column) }, table ? { [name]: table } : {});
  if (table && fault === undefined) return table;
  throw invalid({
    code: table ? "lookup.otherKey" : "lookup.noTable",
    message: `Nothing can be looked up: ${fault ?? ""}.`,
    hint: "Make the table in the environment, or change the node; then try the dead letter again.",
    path: table ? "/config/key" : "/config/table",
    params: { table: name },
  });
}

interface Filled {
  value: unknown;
  /** A row was missing, and the item is to go on as one that lacks it. */
  missing: boolean;
}

async function filled(lookup: LookupConfig, table: PlanTable, item: unknown, context: PureContext): Promise<Filled> {
  if (lookup.each === undefined) return filledOne(lookup, table, item, "", context);
  const steps = lookup.each.split(".");
  const list = steps.reduce<unknown>((at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined), item);
  if (!Array.isArray(list)) {
    const found = list === undefined ? "nothing" : isObject(list) ? "an object" : `a ${typeof list}`;
    throw invalid({
      code: "lookup.noList",
      message: `There is no list ${lookup.each} in the item; there is ${found}.`,
      hint: "Name a list of the item, or leave the field empty to look up once for the whole item.",
      path: "/config/each",
      expected: "a list",
    });
  }
  const members: Filled[] = [];
  for (const [index, member] of list.entries())
    members.push(await filledOne(lookup, table, member, `/${steps.join("/")}/${index}`, context));
  return {
    value: withList(
      item,
      steps,
      members.map(({ value }) => value),
    ),
    missing: members.some(({ missing }) => missing),
  };
}

/** The item with another list at a place of which it is known that it is there. */
function withList(item: unknown, [step = "", ...deeper]: readonly string[], list: unknown[]): unknown {
  const at = item as Json;
  return { ...at, [step]: deeper.length === 0 ? list : withList(at[step], deeper, list) };
}

async function filledOne(
  lookup: LookupConfig,
  table: PlanTable,
  item: unknown,
  pointer: string,
  context: PureContext,
): Promise<Filled> {
  if (!isObject(item))
    throw invalid({
      code: "lookup.noObject",
      message: `What was found cannot be put into ${pointer || "the item"}: it is no object.`,
      hint: "Make objects of it first, in a Map.",
      path: pointer,
      expected: "an object",
    });
  const key: Record<string, unknown> = {};
  for (const [index, { column, value }] of lookup.key.entries())
    key[column] = await evaluated(context, value, item, `/config/key/${index}/value`, `The key ${column}`);
  const row = findRow(table, key);
  const found = row && lookup.column !== undefined ? row[lookup.column] : row;
  if (found !== undefined) return { value: { ...item, [lookup.into]: found }, missing: false };
  if (lookup.missing === "pass") return { value: item, missing: true };
  if (lookup.missing === "fail") throw missingRow(lookup, key, pointer, row !== undefined);
  const preset = await evaluated(context, lookup.default ?? "null", item, "/config/default", "The default");
  return { value: { ...item, [lookup.into]: preset ?? null }, missing: false };
}

async function evaluated(context: PureContext, text: string, item: unknown, path: string, place: string): Promise<unknown> {
  try {
    return await context.evaluate(text, item);
  } catch (raw) {
    throw new Refused(expressionFailure(raw, path, place));
  }
}

function missingRow({ table, column }: LookupConfig, key: Json, pointer: string, hasRow: boolean): Refused {
  const told = Object.entries(key)
    .map(([name, value]) => `${name} ${value === undefined ? "is empty" : JSON.stringify(value)}`)
    .join(", ");
  return invalid({
    code: "lookup.missing",
    message: hasRow
      ? `The row of table ${table} where ${told} has nothing in ${column}.`
      : `Table ${table} has no row where ${told}.`,
    hint: "Add it to the table in this environment, then try the dead letter again.",
    path: pointer,
    found: key,
    params: { table },
  });
}
