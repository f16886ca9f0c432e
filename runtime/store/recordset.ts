/**
 * Rows as one JSON parameter for `json_to_recordset`. PostgreSQL's text and jsonb hold neither NUL nor half a
 * surrogate pair; both are replaced by U+FFFD, in keys and reasons people read. Payloads are JSON text by then, in
 * which such characters stand escaped and stay as they are.
 */
export function recordset(rows: readonly unknown[]): string {
  // A replacer is slow, and hardly any row needs it: JSON escapes both.
  const text = JSON.stringify(rows);
  if (!/\\u(0000|d[89a-f])/.test(text)) return text;
  return JSON.stringify(rows, (_key, value: unknown) => (typeof value === "string" ? storable(value) : value));
}

/** Text that PostgreSQL can hold. */
export function storable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes("\0") ? whole.replaceAll("\0", "\uFFFD") : whole;
}
