import type { Finding, FindingCode } from "./findings.ts";
import type { Known } from "./shape.ts";
import type { Token } from "./tokens.ts";
import { type Range, type Tree, tokenRange } from "./tree.ts";

/** What a name in the text stands for. */
export interface Mark extends Range {
  kind: "field" | "variable" | "function";
  name: string;
  shape: Known;
  /** How a variable of the expression's own is made, and what the text says of it. */
  definition?: Definition;
}

export interface Definition {
  text: string;
  comment: string;
}

export interface Surroundings {
  /** What comes in, of every sample. */
  samples: readonly unknown[];
  /** Names that are bound besides, as `source` for `$source`. */
  variables: readonly string[];
}

export interface Analysis {
  findings: Finding[];
  marks: Mark[];
  /** The shape of the result. */
  result: Known;
  /** What stands at the place of `PLACEHOLDER`, where the text has it. */
  here: Here | undefined;
}

/** What can be written at a place: the fields of what is at hand there, and the variables. */
export interface Here {
  context: Known;
  variables: ReadonlyMap<string, Known>;
}

/** A name that nobody gives a field or variable; it stands where the cursor is. */
export const PLACEHOLDER = "cursor_here_";

export interface Bound {
  shape: Known;
  /** It holds a function of the expression's own. */
  own: boolean;
  definition?: Definition | undefined;
  /** Of such a function, by parameter: whether it asks if anything came. */
  takesNothing?: readonly boolean[];
}

export type Scope = ReadonlyMap<string, Bound>;

export interface Walk {
  tokens: Token[];
  comments: Token[];
  text: string;
  root: Known;
  findings: Finding[];
  marks: Map<number, Mark>;
  here: Here | undefined;
}

export interface Context {
  /** What `$` is. */
  input: Known;
  scope: Map<string, Bound>;
  /** What is looked for on purpose may be absent; what goes to someone who asks whether it came is only told where a name is near. */
  mayBeAbsent?: "looked for" | "asked about";
}

export function tell(walk: Walk, range: Range | undefined, code: FindingCode, more: Partial<Finding>): void {
  if (!range) return;
  const known = walk.findings.some((one) => one.from === range.from && one.to === range.to && one.code === code);
  if (!known) walk.findings.push({ severity: "warning", params: {}, ...more, code, from: range.from, to: range.to });
}

export function mark(walk: Walk, tree: Tree, kind: Mark["kind"], shape: Known, bound?: Bound): Range | undefined {
  const range = tokenRange(walk.tokens, tree.position);
  if (range) {
    const definition = bound?.definition;
    const { from, to } = range;
    walk.marks.set(from, { kind, name: String(tree.value), shape, from, to, ...(definition ? { definition } : {}) });
  }
  return range;
}
