import type { ErrorObject } from "ajv/dist/2020.js";

/**
 * Of an `anyOf` or `oneOf` that failed, ajv lists the errors of every branch. Only those of the branch that was meant
 * help: the one whose fixed properties (`type`, `kind`, ...) agree with the value. Where none is clearly meant, the
 * union's own error stands alone, with what would do instead in `params`.
 */
export function chooseBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  let left = [...errors];
  // Outer unions come after their branches in ajv's list; from the outside inwards, so that a dropped branch takes its inner unions along.
  for (const union of errors.filter(isUnion).reverse()) if (left.includes(union)) left = resolve(union, left);
  return left;
}

const isUnion = (error: ErrorObject): boolean => error.keyword === "anyOf" || error.keyword === "oneOf";

function resolve(union: ErrorObject, errors: ErrorObject[]): ErrorObject[] {
  const inside = (error: ErrorObject) => error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`);
  const branchOf = (error: ErrorObject) => Number(error.schemaPath.slice(union.schemaPath.length + 1).split("/")[0]);
  const ofUnion = errors.filter((error) => inside(error) && error.instancePath.startsWith(union.instancePath));
  const rest = errors.filter((error) => error !== union && !ofUnion.includes(error));
  const branches = Array.isArray(union.schema) ? union.schema : [];
  const misses = branches.map((_, i) => ofUnion.filter((error) => branchOf(error) === i && isFixed(error, union)).length);
  const fewest = Math.min(...misses);
  const meant = misses.flatMap((count, i) => (count === fewest ? [i] : []));
  const agrees = fewest === 0 || misses.some((count) => count > fewest);
  if (meant.length === 1 && agrees) return [...rest, ...ofUnion.filter((error) => branchOf(error) === meant[0])];
  return [...rest, { ...union, params: { ...union.params, ...choicesIn(ofUnion, union), missing: missingIn(ofUnion, union) } }];
}

/** Where each branch asks for nothing but one property that is not there: their names. */
function missingIn(errors: readonly ErrorObject[], union: ErrorObject): unknown[] {
  const onlyMissing = errors.every((error) => error.keyword === "required" && error.instancePath === union.instancePath);
  const branches = Array.isArray(union.schema) ? union.schema.length : 0;
  return onlyMissing && errors.length <= branches ? errors.map(({ params }) => params.missingProperty) : [];
}

/** The kinds that the branches are told apart by, as the schema itself has them. */
const kindsIn = ({ schema }: ErrorObject): unknown[] =>
  (Array.isArray(schema) ? schema : []).flatMap((branch) => {
    const kind: unknown = branch?.properties?.type?.const;
    return kind === undefined ? [] : [kind];
  });

/** The values that would do instead, or the kinds when the union is of objects. */
function choicesIn(errors: ErrorObject[], union: ErrorObject): { values?: unknown[]; kinds?: unknown[] } {
  const allowed = ({ params }: ErrorObject): unknown[] =>
    Array.isArray(params.allowedValues) ? params.allowedValues : "allowedValue" in params ? [params.allowedValue] : [];
  const here = errors.filter((error) => error.instancePath === union.instancePath).flatMap(allowed);
  if (here.length > 0) return { values: [...new Set(here)] };
  const told = errors.filter((error) => isFixed(error, union)).flatMap(allowed);
  return { kinds: [...new Set(told.length > 0 ? told : kindsIn(union))] };
}

/** An error about a property of the union's own value that tells its branches apart. */
function isFixed(error: ErrorObject, union: ErrorObject): boolean {
  const below = error.instancePath.slice(union.instancePath.length);
  if (error.keyword === "type") return below === "";
  return (error.keyword === "const" && below.split("/").length === 2) || (error.keyword === "enum" && below === "/transport");
}
