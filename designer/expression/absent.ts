import { nearest } from "#schemas/validate/wording.ts";
import { asTree, type Tree } from "./tree.ts";
import type { Scope } from "./walk.ts";

/**
 * The field that was probably meant by a name that no sample has. Not for one of a row, as `addressLine3` behind
 * `addressLine1`, and not a name with a word more or less, as `po_number` and `number`: those are fields of their own.
 */
export function meantBy(name: string, fields: readonly string[]): string | undefined {
  if (fields.some((field) => differInDigits(name, field))) return undefined;
  return nearest(
    name,
    fields.filter((field) => !hasWordMore(name, field) && !hasWordMore(field, name)),
  );
}

const differInDigits = (a: string, b: string): boolean => a.replaceAll(/\d+/g, "0") === b.replaceAll(/\d+/g, "0");

const wordsOf = (name: string): string[] => name.split(/[_\W]+|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase());

function hasWordMore(longer: string, shorter: string): boolean {
  const [many, few] = [wordsOf(longer), wordsOf(shorter)];
  return many.length > few.length && few.every((word) => many.includes(word));
}

/** Of a function of the expression's own, by parameter: whether it asks if anything came, or hands on to one that does. */
export const takesNothing = (lambda: Tree, scope: Scope): boolean[] =>
  (lambda.arguments ?? []).map(({ value }) => anywhere(lambda.body, (tree) => asksAbout(tree, String(value), scope)));

function asksAbout(tree: Tree, name: string, scope: Scope): boolean {
  const isIt = (part: Tree | undefined): boolean => part?.type === "variable" && part.value === name;
  if (tree.type === "binary" && (tree.value === "=" || tree.value === "!=")) {
    const [left, right] = [asTree(tree.lhs), asTree(tree.rhs)];
    const isNull = (part: Tree | undefined): boolean => part?.type === "value" && part.value === null;
    return (isIt(left) && isNull(right)) || (isNull(left) && isIt(right));
  }
  if (tree.type !== "function" || tree.procedure?.type !== "variable") return false;
  const called = String(tree.procedure.value);
  return (tree.arguments ?? []).some((part, at) => isIt(part) && (called === "exists" || scope.get(called)?.takesNothing?.[at]));
}

/** Whether any part of a tree, itself among them, is such a one. */
function anywhere(part: unknown, is: (tree: Tree) => boolean): boolean {
  if (typeof part !== "object" || part === null) return false;
  if ("type" in part && is(part as Tree)) return true;
  return Object.values(part).some((inner) => anywhere(inner, is));
}
