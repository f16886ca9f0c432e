import { nearest } from "#schemas/validate/wording.ts";
import { meantBy, takesNothing } from "./absent.ts";
import { definitionOf } from "./definition.ts";
import type { Fix } from "./findings.ts";
import { functionNames, parametersOf, resultOf } from "./functions.ts";
import { isText, type Known, member, merged, record, type Shape, shapeOf, single, withCard } from "./shape.ts";
import { asName, tokenize } from "./tokens.ts";
import { asPairs, asTree, type Range, rangeOf, type Tree, tokenRange, treeOf } from "./tree.ts";
import {
  type Analysis,
  type Bound,
  type Context,
  mark,
  PLACEHOLDER,
  type Scope,
  type Surroundings,
  tell,
  type Walk,
} from "./walk.ts";

/** Samples stay the same while one types, and may be large: what they have in common is found once. */
const roots = new WeakMap<readonly unknown[], Known>();

function rootOf(samples: readonly unknown[]): Known {
  const known = roots.get(samples);
  if (known !== undefined) return known;
  const root = shapeOf(samples);
  roots.set(samples, root);
  return root;
}

/** What can be told of an expression from the samples of its input. Throws what JSONata throws when it cannot be read. */
export function analyse(text: string, { samples, variables }: Surroundings): Analysis {
  const root = rootOf(samples);
  const tokens = tokenize(text);
  const walk: Walk = {
    tokens: tokens.filter(({ kind }) => kind !== "comment"),
    comments: tokens.filter(({ kind }) => kind === "comment"),
    text,
    root,
    findings: [],
    marks: new Map(),
    here: undefined,
  };
  const scope = new Map(variables.map((name) => [name, { shape: null, own: false }]));
  const tree = treeOf(text);
  const result = read(walk, tree, { input: root, scope });
  tellOfCard(walk, tree, result);
  const findings = walk.findings.sort((a, b) => a.from - b.from);
  return { findings, marks: [...walk.marks.values()], result, here: walk.here };
}

/** Walks an expression; gives the shape of what it makes. */
function read(walk: Walk, tree: Tree | undefined, context: Context): Known {
  if (!tree) return null;
  const shape = filtered(walk, tree, readOne(walk, tree, context), context);
  if (!tree.group) return shape;
  const grouped = { ...context, input: member(shape) };
  for (const [key, value] of tree.group.lhs) {
    read(walk, key, grouped);
    read(walk, value, grouped);
  }
  return null;
}

function readOne(walk: Walk, tree: Tree, context: Context): Known {
  switch (tree.type) {
    case "path":
      return readPath(walk, tree, context);
    case "name":
      return readName(walk, tree, context);
    case "variable":
      return readVariable(walk, tree, context);
    case "string":
      return single("text");
    case "number":
      return single("number");
    case "value":
      return single(tree.value === null ? "null" : "boolean");
    case "unary":
      return readUnary(walk, tree, context);
    case "binary":
      return readBinary(walk, tree, context);
    case "condition":
      read(walk, tree.condition, context);
      return tree.else ? merged(read(walk, tree.then, context), read(walk, tree.else, context)) : read(walk, tree.then, context);
    case "block":
      return readBlock(walk, tree, context);
    case "bind":
      return readBind(walk, tree, context);
    case "function":
    case "partial":
      return readCall(walk, tree, tree.arguments ?? [], [], context);
    case "lambda":
      readLambda(walk, tree, [], context);
      return null;
    case "apply":
      return readApply(walk, tree, context);
    case "transform":
      return readTransform(walk, tree, context);
    default:
      return null;
  }
}

function filtered(walk: Walk, tree: Tree, shape: Known, context: Context): Known {
  let result = shape;
  for (const { expr } of [...(tree.stages ?? []), ...(tree.predicate ?? [])]) {
    if (!expr) continue;
    read(walk, expr, { ...context, input: member(result) });
    const byPlace = expr.type === "number" || (expr.type === "unary" && expr.value === "-");
    if (result && byPlace) result = member(result);
    else if (result && result.card !== "one") result = withCard(result, "either");
  }
  return result;
}

/** Each step is looked at with what the step before it gave; several of those make several, which one alone does not. */
function readPath(walk: Walk, tree: Tree, context: Context): Known {
  let input = context.input;
  let many = false;
  const scope = new Map(context.scope);
  for (const step of tree.steps ?? []) {
    const inside: Context = { ...context, input: member(input), scope };
    if (step.type === "sort") for (const { expression } of step.terms ?? []) read(walk, expression, inside);
    else {
      const before = input;
      input = stepped(walk, step, inside);
      many ||= before !== null && before.card !== "one" && step !== tree.steps?.[0];
    }
    if (step.focus) scope.set(step.focus, { shape: member(input), own: false });
    if (step.index) scope.set(step.index, { shape: single("number"), own: false });
  }
  if (tree.keepSingletonArray) return withCard(input, "array");
  return many ? withCard(input, "either") : input;
}

function stepped(walk: Walk, step: Tree, context: Context): Known {
  if (step.type !== "wildcard") return read(walk, step, context);
  return (
    [...(context.input?.fields.values() ?? [])].reduce<Known | undefined>(
      (all, field) => (all === undefined ? field : merged(all, field)),
      undefined,
    ) ?? null
  );
}

function readName(walk: Walk, tree: Tree, { input, scope, mayBeAbsent }: Context): Known {
  const name = String(tree.value);
  if (name === PLACEHOLDER) {
    walk.here = { context: input, variables: new Map([...scope].map(([key, { shape }]) => [key, shape])) };
    return null;
  }
  const known = input?.fields.has(name) ? (input.fields.get(name) ?? null) : null;
  const range = mark(walk, tree, "field", known);
  if (input && input.fields.size > 0 && !input.fields.has(name) && mayBeAbsent !== "looked for") {
    const meant = meantBy(name, [...input.fields.keys()]);
    if (!meant && mayBeAbsent) return known;
    const fix = meant && range ? { fix: { ...range, insert: asName(meant) } } : {};
    const severity = meant ? "warning" : "info";
    tell(walk, range, "noField", { severity, params: { name, ...(meant ? { meant } : {}) }, ...fix });
  }
  return known;
}

function readVariable(walk: Walk, tree: Tree, { input, scope }: Context): Known {
  const name = String(tree.value);
  if (name === "") return input;
  if (name === "$") return walk.root;
  if (name === PLACEHOLDER) {
    walk.here = { context: input, variables: new Map([...scope].map(([key, { shape }]) => [key, shape])) };
    return null;
  }
  const bound = scope.get(name);
  const isFunction = !bound && functionNames.has(name);
  const range = mark(walk, tree, isFunction ? "function" : "variable", bound?.shape ?? null, bound);
  if (bound || isFunction) return bound?.shape ?? null;
  tellOfUnbound(walk, range, name, [...scope.keys(), ...functionNames], "noVariable");
  return null;
}

function tellOfUnbound(
  walk: Walk,
  range: Range | undefined,
  name: string,
  known: string[],
  code: "noVariable" | "noFunction",
): void {
  const meant = nearest(name, known);
  const fix: { fix?: Fix } = meant && range ? { fix: { ...range, insert: `$${meant}` } } : {};
  tell(walk, range, code, { params: { name, ...(meant ? { meant } : {}) }, ...fix });
}

function readUnary(walk: Walk, tree: Tree, context: Context): Known {
  if (tree.value === "[") {
    const members = (tree.expressions ?? []).map((part) => member(read(walk, part, context)));
    return members.length === 0
      ? withCard(single(), "array")
      : withCard(
          members.reduce<Known>((all, each) => merged(all, each), members[0] ?? null),
          "array",
        );
  }
  if (tree.value === "{") return readObject(walk, asPairs(tree.lhs), context);
  read(walk, tree.expression, context);
  return single("number");
}

function readObject(walk: Walk, pairs: readonly [Tree, Tree][], context: Context): Shape {
  const fields = new Map<string, Known>();
  for (const [key, value] of pairs) {
    read(walk, key, context);
    const shape = read(walk, value, context);
    tellOfCard(walk, value, shape);
    if (key.type === "string") fields.set(String(key.value), shape);
  }
  return record(fields);
}

/** What goes on as data and may be one value today, an array tomorrow. */
function tellOfCard(walk: Walk, tree: Tree, shape: Known): void {
  if (shape?.card !== "either") return;
  const last = tree.type === "block" ? tree.expressions?.at(-1) : tree;
  if (!last || last.type === "condition" || last.type === "variable") return;
  const range = rangeOf(last, walk.tokens);
  if (!range) return;
  const fix = { ...range, insert: `[${walk.text.slice(range.from, range.to)}]` };
  tell(walk, range, "oneOrMany", { fix });
}

const arithmetic: Readonly<Record<string, string>> = { "+": "add", "-": "sub", "*": "mul", "/": "div" };

function readBinary(walk: Walk, tree: Tree, context: Context): Known {
  const [left, right] = [asTree(tree.lhs), asTree(tree.rhs)];
  const a = read(walk, left, context);
  const operator = String(tree.value);
  // A list that is nowhere has no members.
  const b = read(walk, right, operator === "in" ? { mayBeAbsent: "asked about", ...context } : context);
  if (operator === "&") return single("text");
  if (operator === "..") return withCard(single("number"), "array");
  const name = arithmetic[operator];
  if (!name) return operator === "%" ? single("number") : single("boolean");
  const range = tokenRange(walk.tokens, tree.position);
  if (a?.money || b?.money) {
    tell(walk, range, "moneyArithmetic", { params: { operator, name: `$${name}` }, ...decimalFix(walk, name, left, right) });
    return { ...single("number"), money: true };
  }
  if (operator === "+" && (isText(a) || isText(b)))
    tell(walk, range, "textArithmetic", range ? { fix: { ...range, insert: "&" } } : {});
  return single("number");
}

/** `a * b` as `$mul(a, b)`; a division also says how many digits it keeps. */
function decimalFix(walk: Walk, name: string, left: Tree | undefined, right: Tree | undefined): { fix?: Fix } {
  const a = left && rangeOf(left, walk.tokens);
  const b = right && rangeOf(right, walk.tokens);
  if (!a || !b) return {};
  const text = ({ from, to }: Range) => walk.text.slice(from, to).replace(/^\$number\((.*)\)$/, "$1");
  return { fix: { from: a.from, to: b.to, insert: `$${name}(${text(a)}, ${text(b)}${name === "div" ? ", 2" : ""})` } };
}

function readBlock(walk: Walk, tree: Tree, context: Context): Known {
  const inside = { ...context, scope: new Map(context.scope) };
  let last: Known = null;
  for (const part of tree.expressions ?? []) last = read(walk, part, inside);
  return last;
}

function readBind(walk: Walk, tree: Tree, context: Context): Known {
  const left = asTree(tree.lhs);
  const name = String(left?.value ?? "");
  const value = asTree(tree.rhs);
  const isLambda = value?.type === "lambda";
  const bound: Bound = { shape: null, own: isLambda, definition: definitionOf(walk, left, value) };
  if (isLambda) bound.takesNothing = takesNothing(value, context.scope);
  // A function may call itself.
  if (isLambda) context.scope.set(name, bound);
  const shape = isLambda ? readLambda(walk, value, [], context) : read(walk, value, context);
  context.scope.set(name, { ...bound, shape });
  if (left) mark(walk, left, "variable", shape, bound);
  return shape;
}

/** What a function of the expression's own gives, its parameters being what is known of them. */
function readLambda(walk: Walk, tree: Tree, given: readonly Known[], context: Context): Known {
  const scope = new Map(context.scope);
  for (const [index, parameter] of (tree.arguments ?? []).entries()) {
    scope.set(String(parameter.value), { shape: given[index] ?? null, own: false });
    mark(walk, parameter, "variable", given[index] ?? null);
  }
  return read(walk, tree.body, { ...context, scope });
}

function readCall(walk: Walk, tree: Tree, parts: readonly Tree[], first: readonly Known[], context: Context): Known {
  const { procedure } = tree;
  const name = procedure?.type === "variable" ? String(procedure.value) : "";
  const own: Scope = context.scope;
  const takes = own.get(name)?.takesNothing;
  const shapes: Known[] = [...first];
  for (const part of parts) {
    const inside: Context =
      name === "exists"
        ? { ...context, mayBeAbsent: "looked for" }
        : takes?.[shapes.length]
          ? { mayBeAbsent: "asked about", ...context }
          : context;
    if (part.type === "lambda") shapes.push(readLambda(walk, part, parametersOf(name, shapes[0] ?? null), context));
    else shapes.push(part.type === "operator" ? null : read(walk, part, inside));
  }
  if (procedure?.type === "lambda") return readLambda(walk, procedure, shapes, context);
  if (!procedure || procedure.position === undefined) return null;
  if (procedure.type !== "variable") return read(walk, procedure, context);
  const bound = own.get(name);
  const known = functionNames.has(name);
  const range = mark(walk, procedure, bound ? "variable" : "function", bound?.shape ?? null, bound);
  if (bound) return bound.shape;
  if (name === PLACEHOLDER) return readVariable(walk, procedure, context);
  if (!known) {
    const functions = [...own].flatMap(([key, one]) => (one.own ? [key] : []));
    tellOfUnbound(walk, range, name, [...functions, ...functionNames], "noFunction");
    return null;
  }
  tellOfMoney(walk, name, range, shapes[0] ?? null);
  return resultOf(name, shapes);
}

function tellOfMoney(walk: Walk, name: string, range: Range | undefined, first: Known): void {
  if (!first?.money || !range) return;
  if (name === "sum") tell(walk, range, "moneySum", { fix: { ...range, insert: "$addall" } });
  if (name === "round") tell(walk, range, "moneyRound", { fix: { ...range, insert: "$fixed" } });
}

/** `a ~> $f(b)` is `$f(a, b)`. */
function readApply(walk: Walk, tree: Tree, context: Context): Known {
  const first = read(walk, asTree(tree.lhs), context);
  const right = asTree(tree.rhs);
  if (right?.type === "function") return readCall(walk, right, right.arguments ?? [], [first], context);
  if (right?.type === "variable") return readCall(walk, { ...right, procedure: right }, [], [first], context);
  if (right?.type === "transform") {
    readTransform(walk, right, { ...context, input: first });
    return first;
  }
  if (right?.type === "lambda") return readLambda(walk, right, [first], context);
  return read(walk, right, context);
}

function readTransform(walk: Walk, tree: Tree, context: Context): Known {
  const pattern = read(walk, tree.pattern, context);
  const inside = { ...context, input: member(pattern) };
  read(walk, tree.update, inside);
  read(walk, tree.delete, inside);
  return null;
}
