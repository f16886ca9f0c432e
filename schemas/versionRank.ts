const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const integer = /^\d{1,30}$/;

/**
 * A document's version as a text that sorts as the versions do: whole numbers by value, times (ISO 8601, any zone) by
 * the moment they name, everything else as text. Versions of one document are of one kind.
 */
export function versionRank(version: string | number): string {
  const text = String(version).trim();
  if (integer.test(text)) return `n${text.replace(/^0+(?=\d)/, "").padStart(30, "0")}`;
  if (isoTime.test(text)) {
    const moment = Date.parse(text);
    // Years before 1970 do not occur in orders; they sort together, at the beginning.
    if (!Number.isNaN(moment)) return `t${String(Math.max(0, moment)).padStart(15, "0")}`;
  }
  return `x${text}`;
}
