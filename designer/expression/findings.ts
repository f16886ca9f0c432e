import type { Range } from "./tree.ts";

/** Everything that can be said of an expression, by code; the sentences stand in the catalogue. */
export type FindingCode =
  | "noField"
  | "noVariable"
  | "noFunction"
  | "moneyArithmetic"
  | "moneySum"
  | "moneyRound"
  | "textArithmetic"
  | "oneOrMany";

/** A change of the text that would put it right. */
export interface Fix extends Range {
  insert: string;
}

export interface Finding extends Range {
  code: FindingCode;
  severity: "warning" | "info";
  params: Readonly<Record<string, string>>;
  fix?: Fix;
}
