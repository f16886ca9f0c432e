import type { ExpressionNames, FreeName } from "#schemas/validate/connectorContext.ts";
import { syntaxTree } from "./expression.ts";
import { functionNames } from "./functionNames.ts";

type Node = Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** Every node of a tree once; JSONata shares parts of its trees. */
function nodesOf(tree: unknown, seen = new Set<object>()): Node[] {
  if (!isNode(tree) || seen.has(tree)) return [];
  seen.add(tree);
  const parts = Object.values(tree).flatMap((part) => nodesOf(part, seen));
  return Array.isArray(tree) ? parts : [tree, ...parts];
}

const variableOf = (node: unknown): string => (isNode(node) && node.type === "variable" ? String(node.value) : "");

/** What a node binds: `$x := ...`, the parameters of a function, `#$i` and `@$v` of a step. */
function bindsOf({ type, value, lhs, arguments: args, index, focus }: Node): string[] {
  if (type === "index") return [String(value)];
  if (type === "bind") return [variableOf(lhs)];
  if (type === "lambda") return Array.isArray(args) ? args.map(variableOf) : [];
  return [index, focus].flatMap((step) => (isNode(step) ? [String(step.value)] : typeof step === "string" ? [step] : []));
}

/** The leaves of `a & b & c`. */
const joined = (node: unknown): Node[] =>
  isNode(node) && node.type === "binary" && node.value === "&"
    ? [...joined(node.lhs), ...joined(node.rhs)]
    : isNode(node)
      ? [node]
      : [];

const firstStep = ({ type, steps }: Node): unknown => (type === "path" && Array.isArray(steps) ? steps[0] : undefined);

const intoInput = (node: Node): boolean =>
  node.type === "name" || (isNode(firstStep(node)) && variableOf(firstStep(node)) === "");

/** The field that follows a variable in a path, by the variable's node. */
function fieldsAfter(nodes: readonly Node[]): Map<unknown, string> {
  const after = new Map<unknown, string>();
  for (const { type, steps } of nodes) {
    if (type !== "path" || !Array.isArray(steps)) continue;
    const [first, second] = steps as unknown[];
    if (variableOf(first) !== "" && isNode(second) && second.type === "name") after.set(first, String(second.value));
  }
  return after;
}

/**
 * The names in an expression that can be read. One that it binds anywhere counts as bound everywhere in it: what is said here is
 * surely a fault, which is more than that every fault is said.
 */
export function namesIn(text: string): ExpressionNames {
  const tree: unknown = syntaxTree(text);
  const nodes = nodesOf(tree);
  const bound = new Set(nodes.flatMap(bindsOf));
  const called = new Set(nodes.flatMap(({ type, procedure }) => (type === "function" || type === "partial" ? [procedure] : [])));
  const fields = fieldsAfter(nodes);
  const free = nodes.flatMap((node): FreeName[] => {
    const name = variableOf(node);
    if (name === "" || name === "$" || bound.has(name)) return [];
    const position = typeof node.position === "number" ? node.position : undefined;
    return [{ name, position, called: called.has(node), field: fields.get(node) }];
  });
  const leaves = joined(tree);
  return { free, functions: functionNames, joinsPaths: leaves.length > 1 && leaves.some(intoInput) };
}
