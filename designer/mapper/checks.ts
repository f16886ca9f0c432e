import type { Known } from "../expression/shape.ts";
import type { TargetField } from "./target.ts";

/** Why what an expression gives does not suit its field. */
export type CheckCode = "textAsNumber" | "numberAsText" | "amountAsNumber" | "manyForOne" | "oneForMany" | "wrongKind";

export interface Check {
  code: CheckCode;
  params: Readonly<Record<string, string>>;
}

/** What the shape of a field's expression says about its type; nothing where the shape is not known. */
export function checkOf(field: TargetField, shape: Known): Check | undefined {
  if (!shape || shape.kinds.size === 0 || field.kinds.size === 0) return undefined;
  if (field.list && shape.card === "one") return { code: "oneForMany", params: {} };
  if (!field.list && shape.card === "array") return { code: "manyForOne", params: {} };
  const found = [...shape.kinds].filter((kind) => kind !== "null");
  const foreign = found.filter((kind) => !field.kinds.has(kind));
  if (found.length === 0 || foreign.length === 0) return undefined;
  const [first = ""] = foreign;
  if (field.form === "decimal" && first === "number") return { code: "amountAsNumber", params: {} };
  if (first === "number" && field.kinds.has("text")) return { code: "numberAsText", params: {} };
  if (first === "text" && field.kinds.has("number")) return { code: "textAsNumber", params: {} };
  const [wanted = ""] = field.kinds;
  return { code: "wrongKind", params: { wanted, found: first } };
}

/** The shape that an expression's result has at a field. */
export function shapeAt(result: Known, path: readonly string[]): Known {
  let here = result;
  for (const name of path) {
    if (!here?.fields.has(name)) return null;
    here = here.fields.get(name) ?? null;
  }
  return here;
}
