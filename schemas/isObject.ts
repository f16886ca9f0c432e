/** Whether a value is an object of JSON: neither null nor a list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The fields of an object of JSON; none of anything else. */
export const objectOf = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
