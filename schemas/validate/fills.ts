/**
 * Places of an operation that a node's config may fill. None is among them that decides what a connection may do (auth,
 * limits) or what a node type is (kind, transport).
 */
const fillable: readonly RegExp[] = [
  /^\/request\/(method|path|query|headers|body|statements|timeoutMs)$/,
  /^\/request\/encode\/(type|delimiter|quote|header|columns|formulas)$/,
  /^\/request\/(graphql\/(query|variables)|fields\/[A-Za-z][A-Za-z0-9_-]*)$/,
  /^\/(idempotency\/lookup\/)?request\/statements\/0\/(statement|values|each)$/,
  /^\/(documentKey|event|success|result|records|dedupeKey|version)$/,
  /^\/decode\/(format\/type|charset)$/,
  /^\/delta\/(field|overlapMs|lookBackMs)$/,
  /^\/page\/(next|size)$/,
  /^\/idempotency\/(mode|header|lookup)$/,
  /^\/idempotency\/lookup\/(found|request\/(path|query|statements))$/,
];

/** Whether a property of a config may say `"x-fills"` with this pointer. */
export const isFillable = (pointer: string): boolean => fillable.some((each) => each.test(pointer));
