/** What a reader looks for first stands first; the rest follows by name. */
const leading = ["$schema", "kind", "formatVersion", "id", "name", "title", "description", "type", "slot", "from", "to", "node"];

const rank = (key: string): number => {
  const place = leading.indexOf(key);
  return place === -1 ? leading.length : place;
};

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, ordered(member)]));
}

/** The one text of a JSON file: equal values give equal bytes, whoever made them, so that a repository shows only true changes. */
export const fileText = (value: unknown): string => `${JSON.stringify(ordered(value), null, 2)}\n`;
