import { asPairs, asTree, type Tree, treeOf } from "../expression/tree.ts";
import { keyOf, type Path } from "./path.ts";

/** Where a value comes from: the fields of the input, what an object that is made has in its fields, a function. */
interface Origin {
  paths: readonly Path[];
  fields?: ReadonlyMap<string, Origin>;
  lambda?: { tree: Tree; scope: Scope; input: Origin };
}

type Scope = Map<string, Origin>;

/** For every name and variable of a text, by where it ends: the fields of the input that it stands for. */
export type Origins = ReadonlyMap<number, readonly Path[]>;

interface Walk {
  found: Map<number, Path[]>;
  root: Origin;
  /** Calls of own functions that are still followed. */
  left: number;
}

/** A function that calls itself, or many that call each other, is not followed for ever. */
const CALLS_FOLLOWED = 400;
const DEEPEST_CALL = 6;

const nothing: Origin = { paths: [] };
const inputOrigin: Origin = { paths: [[]] };

/** Names that every expression may read besides its input. */
const outer = ["source", "run"];

/** Follows an expression from the input to each of its names. Throws what JSONata throws when it cannot be read. */
export function originsOf(text: string): Origins {
  const walk: Walk = { found: new Map(), root: inputOrigin, left: CALLS_FOLLOWED };
  const scope: Scope = new Map(outer.map((name) => [name, { paths: [[`$${name}`]] }]));
  follow(walk, treeOf(text), inputOrigin, scope, 0);
  return walk.found;
}

function note(walk: Walk, { position }: Tree, { paths }: Origin): void {
  if (position === undefined || paths.length === 0) return;
  const known = walk.found.get(position) ?? [];
  const keys = new Set(known.map(keyOf));
  walk.found.set(position, [...known, ...paths.filter((path) => !keys.has(keyOf(path)))]);
}

function together(origins: readonly Origin[]): Origin {
  const [only, more] = origins;
  if (only && !more) return only;
  const paths = new Map(origins.flatMap((origin) => origin.paths.map((path) => [keyOf(path), path] as const)));
  const fields = new Map<string, Origin>();
  for (const origin of origins)
    for (const [name, field] of origin.fields ?? []) {
      const known = fields.get(name);
      fields.set(name, known ? together([known, field]) : field);
    }
  return { paths: [...paths.values()], ...(fields.size > 0 ? { fields } : {}) };
}

type Follow = (walk: Walk, tree: Tree, input: Origin, scope: Scope, depth: number) => Origin;

function follow(walk: Walk, tree: Tree | undefined, input: Origin, scope: Scope, depth: number): Origin {
  if (!tree) return nothing;
  const origin = (kinds[tree.type] ?? parts)(walk, tree, input, scope, depth);
  for (const { expr } of [...(tree.stages ?? []), ...(tree.predicate ?? [])]) follow(walk, expr, origin, scope, depth);
  for (const pair of tree.group?.lhs ?? []) for (const part of pair) follow(walk, part, origin, scope, depth);
  return origin;
}

/** How each kind of tree is followed; the others only have parts. */
const kinds: Readonly<Record<string, Follow>> = {
  path: (walk, tree, input, given, depth) => {
    const scope = new Map(given);
    let here = input;
    for (const step of tree.steps ?? []) {
      if (step.type === "sort") for (const { expression } of step.terms ?? []) follow(walk, expression, here, scope, depth);
      else here = follow(walk, step, here, scope, depth);
      if (step.focus) scope.set(step.focus, here);
    }
    return here;
  },
  name: (walk, tree, input) => {
    const name = String(tree.value);
    const own = input.fields?.get(name);
    const origin = own ?? { paths: input.fields ? [] : input.paths.map((path) => [...path, name]) };
    note(walk, tree, origin);
    return origin;
  },
  variable: (walk, tree, input, scope) => {
    const name = String(tree.value);
    if (name === "") {
      note(walk, tree, input);
      return input;
    }
    const origin = name === "$" ? walk.root : (scope.get(name) ?? nothing);
    note(walk, tree, origin);
    return origin;
  },
  wildcard: (_walk, _tree, input) => input,
  descendant: (_walk, _tree, input) => input,
  unary: (walk, tree, input, scope, depth) => {
    if (tree.value !== "{")
      return together(
        [tree.expression, ...(tree.expressions ?? [])].flatMap((one) => (one ? [follow(walk, one, input, scope, depth)] : [])),
      );
    const fields = new Map<string, Origin>();
    for (const [key, value] of asPairs(tree.lhs)) {
      follow(walk, key, input, scope, depth);
      const origin = follow(walk, value, input, scope, depth);
      if (key.type === "string") fields.set(String(key.value), origin);
    }
    return { paths: [], fields };
  },
  condition: (walk, tree, input, scope, depth) => {
    follow(walk, tree.condition, input, scope, depth);
    const chosen = [tree.then, tree.else].flatMap((one) => (one ? [follow(walk, one, input, scope, depth)] : []));
    return together(chosen);
  },
  block: (walk, tree, input, given, depth) => {
    const scope = new Map(given);
    let last = nothing;
    for (const part of tree.expressions ?? []) last = follow(walk, part, input, scope, depth);
    return last;
  },
  bind: (walk, tree, input, scope, depth) => {
    const name = String(asTree(tree.lhs)?.value ?? "");
    const origin = follow(walk, asTree(tree.rhs), input, scope, depth);
    scope.set(name, origin);
    return origin;
  },
  lambda: (walk, tree, input, scope, depth) => {
    const closed = new Map(scope);
    // Nobody may call it: what it reads of the input is known all the same.
    if (depth < DEEPEST_CALL) follow(walk, tree.body, input, withParameters(closed, tree, []), DEEPEST_CALL);
    return { paths: [], lambda: { tree, scope: closed, input } };
  },
  function: (walk, tree, input, scope, depth) => call(walk, tree, [], input, scope, depth),
  partial: (walk, tree, input, scope, depth) => call(walk, tree, [], input, scope, depth),
  apply: (walk, tree, input, scope, depth) => {
    const first = follow(walk, asTree(tree.lhs), input, scope, depth);
    const right = asTree(tree.rhs);
    if (right?.type === "function" || right?.type === "partial") return call(walk, right, [first], input, scope, depth);
    const applied = follow(walk, right, input, scope, depth);
    return applied.lambda ? invoke(walk, applied, [first], depth) : together([first, applied]);
  },
};

/** What is made of parts comes from all of them. */
const parts: Follow = (walk, tree, input, scope, depth) => {
  const inner = [asTree(tree.lhs), asTree(tree.rhs), tree.pattern, tree.update, tree.delete, tree.expression];
  return together(inner.flatMap((one) => (one ? [follow(walk, one, input, scope, depth)] : [])));
};

const withParameters = (scope: Scope, tree: Tree, given: readonly Origin[]): Scope => {
  const inside = new Map(scope);
  for (const [index, parameter] of (tree.arguments ?? []).entries()) inside.set(String(parameter.value), given[index] ?? nothing);
  return inside;
};

function invoke(walk: Walk, { lambda }: Origin, given: readonly Origin[], depth: number): Origin {
  if (!lambda || depth >= DEEPEST_CALL || walk.left <= 0) return together([...given]);
  walk.left -= 1;
  return follow(walk, lambda.tree.body, lambda.input, withParameters(lambda.scope, lambda.tree, given), depth + 1);
}

/** Functions that hand on what they are given, or what another function makes of it. */
function call(walk: Walk, tree: Tree, first: readonly Origin[], input: Origin, scope: Scope, depth: number): Origin {
  const { procedure } = tree;
  const given = [...first, ...(tree.arguments ?? []).map((one) => follow(walk, one, input, scope, depth))];
  const name = procedure?.type === "variable" ? String(procedure.value) : "";
  const own = procedure?.type === "variable" ? scope.get(name) : procedure && follow(walk, procedure, input, scope, depth);
  if (own?.lambda) return invoke(walk, own, given, depth);
  const values = given.filter(({ lambda }) => !lambda);
  const lambda = given.find((one) => one.lambda);
  if (!lambda) return together(values);
  const made = invoke(walk, lambda, name === "reduce" ? [together(values), ...values] : values, depth);
  return name === "map" || name === "each" || name === "reduce" ? made : together(values);
}

/** The fields that a stretch of the text reads; a field on the way to another one is left out. */
export function readsOf(origins: Origins, { from, to }: { from: number; to: number }): Path[] {
  const found = new Map<string, Path>();
  for (const [end, paths] of origins) if (end > from && end <= to) for (const path of paths) found.set(keyOf(path), path);
  const keys = [...found.keys()];
  return [...found].flatMap(([key, path]) =>
    path.length === 0 || keys.some((other) => other.startsWith(`${key}/`)) ? [] : [path],
  );
}
