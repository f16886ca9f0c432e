/** Sorts property names by UTF-16 code units, as RFC 8785 asks; `localeCompare` would depend on the machine. */
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The one text of a JSON value (RFC 8785): no blanks, property names sorted, numbers as ECMAScript prints them.
 * Properties that are `undefined` are left out, as in `JSON.stringify`. Throws on what JSON cannot hold.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`The number ${value} has no JSON text.`);
  const text = JSON.stringify(value);
  if (typeof text !== "string") throw new Error(`A value of type ${typeof value} has no JSON text.`);
  return text;
}
