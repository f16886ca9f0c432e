import jsonata from "jsonata";
import { closing, type Token } from "./tokens.ts";

/** A node of JSONata's syntax tree, as far as it is read here; its own type says `any` in the places that matter. */
export interface Tree {
  type: string;
  value?: unknown;
  /** Behind the token it is known by. */
  position?: number;
  steps?: Tree[];
  /** Filters behind a step of a path, and behind anything else. */
  stages?: Tree[];
  predicate?: Tree[];
  expr?: Tree;
  group?: { lhs: [Tree, Tree][] };
  expressions?: Tree[];
  arguments?: Tree[];
  procedure?: Tree;
  lhs?: Tree | [Tree, Tree][];
  rhs?: Tree | [Tree, Tree][];
  expression?: Tree;
  condition?: Tree;
  then?: Tree;
  else?: Tree;
  body?: Tree;
  terms?: { expression: Tree }[];
  pattern?: Tree;
  update?: Tree;
  delete?: Tree;
  keepArray?: boolean;
  keepSingletonArray?: boolean;
  focus?: string;
  index?: string;
}

/** The syntax tree of an expression. Throws what JSONata throws. */
export const treeOf = (expression: string): Tree => jsonata(expression).ast() as Tree;

export const asTree = (part: Tree | [Tree, Tree][] | undefined): Tree | undefined => (Array.isArray(part) ? undefined : part);
export const asPairs = (part: Tree | [Tree, Tree][] | undefined): [Tree, Tree][] => (Array.isArray(part) ? part : []);

/** A stretch of the text. */
export interface Range {
  from: number;
  to: number;
}

/** The stretch of one token that ends at a node's position. */
export function tokenRange(tokens: readonly Token[], position: number | undefined): Range | undefined {
  return position === undefined ? undefined : tokens.find(({ to }) => to === position);
}

const indexEnding = (tokens: readonly Token[], position: number | undefined): number =>
  tokens.findIndex(({ to }) => to === position);

const isOpen = (tree: Tree): boolean =>
  tree.type === "block" || (tree.type === "unary" && (tree.value === "[" || tree.value === "{"));

function startOf(tree: Tree, tokens: readonly Token[]): number | undefined {
  const first = tree.steps?.[0] ?? tree.procedure ?? tree.condition ?? asTree(tree.lhs);
  if (first) return startOf(first, tokens);
  return tokenRange(tokens, tree.position)?.from;
}

function endOf(tree: Tree, tokens: readonly Token[]): number | undefined {
  const last = tree.steps?.at(-1) ?? tree.else ?? tree.then ?? (tree.type === "unary" ? tree.expression : asTree(tree.rhs));
  let end = last ? endOf(last, tokens) : tree.position;
  if (isOpen(tree) || tree.type === "function") end = closedFrom(tokens, indexEnding(tokens, tree.position));
  // Filters and groups stand behind what they belong to.
  for (let next = tokens[indexEnding(tokens, end) + 1]; end !== undefined && next?.text === "["; ) {
    end = closedFrom(tokens, tokens.indexOf(next));
    next = tokens[indexEnding(tokens, end) + 1];
  }
  return end;
}

function closedFrom(tokens: readonly Token[], open: number): number | undefined {
  const close = open < 0 ? undefined : closing(tokens, open);
  return close === undefined ? undefined : tokens[close]?.to;
}

/** From where to where an expression stands in the text; undefined where that cannot be told for sure. */
export function rangeOf(tree: Tree, tokens: readonly Token[]): Range | undefined {
  if (tree.group || tree.type === "lambda" || tree.type === "transform" || tree.type === "apply") return undefined;
  const from = startOf(tree, tokens);
  const to = endOf(tree, tokens);
  return from === undefined || to === undefined || to <= from ? undefined : { from, to };
}
