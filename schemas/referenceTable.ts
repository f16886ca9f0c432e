import { type Static, Type } from "typebox";

/** Reference tables: what one system calls a thing, by what another calls it. Each environment has its own. */

/** A name stands in addresses and in flows. */
export const TABLE_NAME = "^[a-z][a-z0-9-]{0,63}$";
/** A column's name is a field of what a lookup gives, so that expressions read it without quotes. */
export const COLUMN_NAME = "^[A-Za-z][A-Za-z0-9_]{0,63}$";

/** Each table is a page to look after; whoever needs more keeps a system, not a reference. */
export const MOST_TABLES = 200;
/** As many as a person can read in one row. */
export const MOST_COLUMNS = 30;
/** Keys of more parts are found by nobody; with the length of one they stay within what an index takes. */
export const MOST_KEY_COLUMNS = 4;
export const MOST_KEY_LENGTH = 120;
/** A cell is a code or a name, no document. */
export const MOST_CELL_LENGTH = 1_000;
/** Every evaluator holds the tables of its flows in memory; one of this size fits beside the flow itself. */
export const MOST_ROWS = 20_000;
/** Characters of the rows as JSON: below what one request may bring. */
export const MOST_TABLE_SIZE = 2_000_000;
/** Different tables of one flow: an evaluator holds them all at once, each at its largest in the worst case. */
export const MOST_TABLES_OF_FLOW = 8;
/** Rows changed by one request that names them; more come as a file. */
export const MOST_ROWS_AT_ONCE = 1_000;

export const TableName = Type.String({ pattern: TABLE_NAME, description: "Small letters, digits, hyphens." });

export const columnTypes = ["text", "decimal", "boolean", "date"] as const;
export type ColumnType = (typeof columnTypes)[number];

export const TableColumn = Type.Object(
  {
    name: Type.String({ pattern: COLUMN_NAME, description: "Letters, digits and _; the field that a lookup gives." }),
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
    type: Type.Enum([...columnTypes], { description: "`decimal` is exact, as text; `date` is a day such as 2026-03-01." }),
    required: Type.Optional(Type.Boolean({ description: "No row may lack it; of key columns none ever may." })),
  },
  { additionalProperties: false },
);
export type TableColumn = Static<typeof TableColumn>;

export type Cell = string | boolean;
/** By column name; an empty cell is absent. */
export type TableRow = Readonly<Record<string, Cell>>;

/** A row as it is given: numbers become exact text, null and empty text nothing. */
export const GivenRow = Type.Record(
  Type.String({ pattern: COLUMN_NAME }),
  Type.Union([Type.String({ maxLength: MOST_CELL_LENGTH }), Type.Number(), Type.Boolean(), Type.Null()]),
);
export type GivenRow = Static<typeof GivenRow>;

const columns = Type.Array(TableColumn, { minItems: 1, maxItems: MOST_COLUMNS });
const key = Type.Array(Type.String({ pattern: COLUMN_NAME }), {
  minItems: 1,
  maxItems: MOST_KEY_COLUMNS,
  description: "The columns by which a row is found; no two rows have the same.",
});
const title = Type.String({ maxLength: 120, description: "What people read; may be empty." });

/** A table without its rows: what a flow relies on. */
export interface TableShape {
  columns: readonly TableColumn[];
  key: readonly string[];
}

/** A table as a file holds it, and as it is put whole. */
export const ReferenceTable = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    name: TableName,
    title: Type.Optional(title),
    columns,
    key,
    rows: Type.Optional(Type.Array(GivenRow, { maxItems: MOST_ROWS, description: "Absent where only the form is told." })),
  },
  { additionalProperties: false },
);
export type ReferenceTable = Static<typeof ReferenceTable>;

/** A table with rows that are known to fit it. */
export interface TableContent extends TableShape {
  title: string;
  rows: readonly TableRow[];
}

const When = Type.String({ format: "date-time" });

export const TableSummary = Type.Object({
  name: Type.String(),
  title: Type.String(),
  columns: Type.Array(TableColumn),
  key: Type.Array(Type.String()),
  rows: Type.Integer({ description: "How many there are." }),
  revision: Type.Integer({ description: "Grows with each change in the environment; a run keeps that of its lookups." }),
  hash: Type.String({ description: "SHA-256 over columns, key and rows: equal tables have the same." }),
  changedAt: When,
  changedBy: Type.String(),
  flows: Type.Array(Type.String(), { description: "Flows deployed in the environment that look something up in it." }),
});
export type TableSummary = Static<typeof TableSummary>;

export const Tables = Type.Object({ items: Type.Array(TableSummary) });

export const WholeTable = Type.Object({
  ...TableSummary.properties,
  rows: Type.Array(Type.Record(Type.String(), Type.Union([Type.String(), Type.Boolean()]))),
});
export type WholeTable = Static<typeof WholeTable>;

const revision = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
  description: "The revision that the change was made on, null for none: refused when somebody changed the table meanwhile.",
});

export const PutTable = Type.Object(
  {
    title: Type.Optional(title),
    columns,
    key,
    rows: Type.Array(GivenRow, { maxItems: MOST_ROWS }),
    revision: Type.Optional(revision),
  },
  { additionalProperties: false },
);
export type PutTable = Static<typeof PutTable>;

export const ChangeRows = Type.Object(
  {
    upsert: Type.Optional(
      Type.Array(GivenRow, { maxItems: MOST_ROWS_AT_ONCE, description: "Whole rows, each in the place of that of its key." }),
    ),
    remove: Type.Optional(Type.Array(GivenRow, { maxItems: MOST_ROWS_AT_ONCE, description: "The keys of rows that go." })),
    revision: Type.Optional(revision),
  },
  { additionalProperties: false },
);
export type ChangeRows = Static<typeof ChangeRows>;

export const ImportRows = Type.Object(
  {
    text: Type.String({
      maxLength: MOST_TABLE_SIZE,
      description: "CSV, or cells copied from a spreadsheet; the first line names the columns.",
    }),
    mode: Type.Enum(["replace", "merge"], { description: "`replace`: rows that the file lacks go. `merge`: they stay." }),
    dryRun: Type.Optional(Type.Boolean({ description: "Only say what would change." })),
    revision: Type.Optional(revision),
  },
  { additionalProperties: false },
);
export type ImportRows = Static<typeof ImportRows>;

const Row = Type.Record(Type.String(), Type.Union([Type.String(), Type.Boolean()]));
const RowOrNull = Type.Union([Row, Type.Null()]);

/** One row as it was and as it is; null where there was, or is, none. */
export const RowChange = Type.Object({ before: RowOrNull, after: RowOrNull });
export type RowChange = Static<typeof RowChange>;

/** What a change does to the rows. */
export const TableChanges = Type.Object({
  added: Type.Integer(),
  changed: Type.Integer(),
  removed: Type.Integer(),
  same: Type.Integer(),
  examples: Type.Array(RowChange, { description: "The first of them." }),
});
export type TableChanges = Static<typeof TableChanges>;

export const TableChanged = Type.Object({ table: TableSummary, changes: TableChanges });
export type TableChanged = Static<typeof TableChanged>;

export const ImportedRows = Type.Object({
  table: TableSummary,
  changes: TableChanges,
  faults: Type.Array(Type.String(), { description: "Lines that do not fit, in a sentence each; with any, nothing is stored." }),
  applied: Type.Boolean(),
});
export type ImportedRows = Static<typeof ImportedRows>;
