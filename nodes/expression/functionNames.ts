import { ownFunctionNames } from "./functions.ts";

/** JSONata's own, but for `$eval`, which is not available. JSONata has no list of them to ask for; a test compares. */
const ofJsonata = [
  ...["sum", "count", "max", "min", "average", "number", "floor", "ceil", "round", "abs", "sqrt", "power", "random"],
  ...["string", "substring", "substringBefore", "substringAfter", "lowercase", "uppercase", "length", "trim", "pad", "match"],
  ...["contains", "replace", "split", "join", "formatNumber", "formatBase", "formatInteger", "parseInteger", "boolean", "not"],
  ...["map", "zip", "filter", "single", "reduce", "sift", "keys", "lookup", "append", "exists", "spread", "merge", "reverse"],
  ...["each", "error", "assert", "type", "sort", "shuffle", "distinct", "clone", "base64encode", "base64decode"],
  ...["encodeUrlComponent", "encodeUrl", "decodeUrlComponent", "decodeUrl", "toMillis", "fromMillis", "now", "millis"],
];

/** The functions that an expression may call. */
export const functionNames: readonly string[] = [...ofJsonata, ...ownFunctionNames];
