import { type Static, Type } from "typebox";
import { FileColumn, MOST_FILE_COLUMNS } from "./fileColumns.ts";

/** Names that data may take as keys; `__proto__`, `constructor` and `prototype` are refused where data is read. */
const NAME = "^[A-Za-z][A-Za-z0-9_]{0,63}$";

/** A segment of X12 or EDIFACT by its tag, such as `PO1` or `NAD`. */
const Tag = Type.String({ pattern: "^[A-Z][A-Z0-9]{1,2}$" });

/** Loops deeper than this are in no message of the trade. */
const MAX_LOOP_DEPTH = 8;

/** Segments that belong together and come again and again: a party, a line, a package within a line. */
export interface Loop {
  /** What the list of them is called in the JSON. */
  name: string;
  /** The segment that begins each. */
  starts: string;
  /** The other segments it may have; one that is in no open loop ends them all. */
  has?: string[];
  loops?: Loop[];
}

const loopsOf = (depth: number): ReturnType<typeof Type.Array> =>
  Type.Array(
    Type.Object(
      {
        name: Type.String({ pattern: NAME }),
        starts: Tag,
        has: Type.Optional(Type.Array(Tag)),
        ...(depth === 0 ? {} : { loops: Type.Optional(loopsOf(depth - 1)) }),
      },
      { additionalProperties: false },
    ),
  );

const Loops = Type.Unsafe<Loop[]>(loopsOf(MAX_LOOP_DEPTH));

const csv = {
  /** What stands between two fields; a comma (CSV), or a tab (TSV), when absent. */
  delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 4 })),
  /** What encloses a field that holds the delimiter; `""`, for files that know no quotes. Default: `"`. */
  quote: Type.Optional(Type.String({ maxLength: 1 })),
  /** The first row names the columns. Default: true. */
  header: Type.Optional(Type.Boolean()),
  /**
   * The columns: of a file without a header, or which ones are written and in which order. By name alone their fields stay
   * text; with a type they are read as that, and found by name where the file has a header.
   */
  columns: Type.Optional(
    Type.Array(Type.Union([Type.String({ minLength: 1 }), FileColumn]), { minItems: 1, maxItems: MOST_FILE_COLUMNS }),
  ),
  /** Writing: `escape` keeps a spreadsheet from running a field as a formula, `keep` writes it as it is. */
  formulas: Type.Optional(Type.Enum(["escape", "keep"])),
  /** Default: `\r\n` (CSV), `\n` (TSV). */
  lineEnd: Type.Optional(Type.Enum(["\n", "\r\n"])),
};

/** How documents stand in text: what reads them into JSON, and writes JSON back. */
export const Format = Type.Union([
  Type.Object({ type: Type.Literal("text") }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal("json") }, { additionalProperties: false }),
  /** One JSON value on each line. */
  Type.Object({ type: Type.Literal("jsonl") }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal("csv"), ...csv }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal("tsv"), ...csv }, { additionalProperties: false }),
  /** Fields as a browser's form sends them (application/x-www-form-urlencoded). */
  Type.Object({ type: Type.Literal("form") }, { additionalProperties: false }),
  Type.Object(
    {
      type: Type.Literal("xml"),
      /** Elements that are lists also where there is one of them, by path from the root: `Order.Lines.Line`. */
      arrays: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
      /** `drop` reads `cbc:ID` as `ID`. Default: `keep`. */
      prefixes: Type.Optional(Type.Enum(["keep", "drop"])),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      type: Type.Literal("x12"),
      loops: Type.Optional(Loops),
      /** Writing: the body is an interchange that was read, and what is written is the 997 that acknowledges it. */
      acknowledges: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  Type.Object({ type: Type.Literal("edifact"), loops: Type.Optional(Loops) }, { additionalProperties: false }),
]);
export type Format = Static<typeof Format>;

/** How characters stand in bytes. */
export const Charset = Type.Enum(["utf-8", "utf-16le", "iso-8859-1", "iso-8859-15", "windows-1252"]);
export type Charset = Static<typeof Charset>;

/** How a system's answer, or a file, is read: out of its packing, into characters, into JSON. */
export const Decoding = Type.Object(
  {
    /** `auto` looks at the bytes: some systems pack long documents and leave short ones as they are. */
    packed: Type.Optional(Type.Enum(["gzip", "zip", "auto"])),
    /** Default: `utf-8`. */
    charset: Type.Optional(Charset),
    format: Type.Optional(Format),
  },
  { additionalProperties: false },
);
export type Decoding = Static<typeof Decoding>;
