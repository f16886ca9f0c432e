import type { Problem } from "../problem.ts";
import type { ExpressionCheck } from "./draft.ts";

/** A name in an expression that it does not bind itself. */
export interface FreeName {
  name: string;
  /** Character offset, where it is known. */
  position: number | undefined;
  /** Whether it is called: `$name(...)`. */
  called: boolean;
  /** `$name.field`: the field right after it. */
  field: string | undefined;
}

/** What an expression reads, by its syntax tree. */
export interface ExpressionNames {
  /** A row for each use. */
  free: FreeName[];
  /** The functions that every expression may call. */
  functions: readonly string[];
  /** Whether `&` puts it together out of texts of which one is a path into the input: absent, it would leave the rest. */
  joinsPaths: boolean;
}

/** What validation knows besides the connector file; what is absent is not checked. */
export interface ConnectorContext {
  checkExpression?: (text: string) => ExpressionCheck;
  /** Of a text with JSONata in `{{ }}`. */
  checkTemplate?: (text: string) => ExpressionCheck;
  /** Of an expression that can be read. */
  namesIn?: (text: string) => ExpressionNames;
  /** Of a text with JSONata in `{{ }}` that can be read: what each part reads, positions counted from the text's start. */
  namesInTemplate?: (text: string) => ExpressionNames[];
  /** Of a text with plain paths in `{{ }}`: the paths, such as `secrets.apiKey`. */
  readPaths?: (text: string) => { ok: true; paths: string[] } | { ok: false; message: string; position?: number | undefined };
  /** Texts of the `.jsonata` files beside the connector, by file name. */
  mappings?: Readonly<Record<string, string>>;
  /** Names of the sample files beside the connector. */
  samples?: readonly string[];
  /** Names of the canonical schemas (`canonical/order/1`). */
  schemas?: readonly string[];
}

/** One check of a connector, or of an operation. */
export type Report = (problem: Omit<Problem, "severity"> & { severity?: Problem["severity"] }) => void;
