/** No system is left alone for longer than a day, whatever it asks for. */
const MAX_WAIT_MS = 86_400_000;

const bounded = (ms: number): number | undefined =>
  Number.isFinite(ms) ? Math.min(MAX_WAIT_MS, Math.max(0, Math.round(ms))) : undefined;

/** Seconds, as an answer's body may say them, in milliseconds. */
export const secondsToWait = (value: unknown): number | undefined => {
  const seconds =
    typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return bounded(seconds * 1000);
};

/**
 * The `Retry-After` header (RFC 9110) in milliseconds: seconds, or a date, counted from the answer's own `Date` header so
 * that two clocks need not agree.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const text = headers["retry-after"]?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return secondsToWait(text);
  const answeredAt = headers.date === undefined ? Number.NaN : Date.parse(headers.date);
  return bounded(Date.parse(text) - (Number.isNaN(answeredAt) ? Date.now() : answeredAt));
}
