import type { Problem } from "../problem.ts";
import type { ExpressionCheck } from "./draft.ts";

/** What validation knows besides the connector file; what is absent is not checked. */
export interface ConnectorContext {
  checkExpression?: (text: string) => ExpressionCheck;
  /** Of a text with JSONata in `{{ }}`. */
  checkTemplate?: (text: string) => ExpressionCheck;
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
