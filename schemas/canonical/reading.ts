/** Whether a field of a document says anything: neither absent, null nor an empty text. */
export const told = <T>(value: T): value is Exclude<T, null | undefined | ""> =>
  value !== undefined && value !== null && value !== "";

/** Absent and null are no list; one member may have lost its list on the way through an expression. */
export const listOf = <T>(value: T | readonly T[] | null | undefined): T[] =>
  value === undefined || value === null ? [] : ([value].flat() as T[]);
