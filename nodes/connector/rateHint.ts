import type { RateHint } from "#schemas/admission.ts";
import type { Answer, EvaluateOnAnswer } from "./errorRules.ts";
import { secondsToWait } from "./retryAfter.ts";

const numberOf = (value: unknown): number =>
  typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;

/**
 * How long a system is left alone after an answer that says how much of its limit is left, in milliseconds; undefined
 * while enough is. An answer that does not say it asks for no wait. Times are compared with the answer's own `Date`.
 */
export async function leaveAloneMs(
  hint: RateHint | undefined,
  answer: Answer,
  evaluate: EvaluateOnAnswer,
): Promise<number | undefined> {
  if (hint === undefined) return undefined;
  const wait = hint.type === "headers" ? afterHeaders(hint, answer) : await afterCost(hint, answer, evaluate);
  return wait === undefined || !(wait > 0) ? undefined : secondsToWait(wait / 1000);
}

function afterHeaders(hint: Extract<RateHint, { type: "headers" }>, { headers }: Answer): number | undefined {
  const remaining = numberOf(headers[hint.remaining.toLowerCase()]);
  const reset = headers[hint.reset.toLowerCase()];
  if (reset === undefined || !(remaining <= (hint.least ?? 0))) return undefined;
  const answeredAt = Date.parse(headers.date ?? "");
  const now = Number.isNaN(answeredAt) ? Date.now() : answeredAt;
  switch (hint.format) {
    case "seconds":
      return numberOf(reset) * 1000;
    case "epochSeconds":
      return numberOf(reset) * 1000 - now;
    case "epochMs":
      return numberOf(reset) - now;
    case "date":
      return Date.parse(reset) - now;
  }
}

/** GraphQL systems count points: what the next request needs is waited for. */
async function afterCost(
  hint: Extract<RateHint, { type: "cost" }>,
  answer: Answer,
  evaluate: EvaluateOnAnswer,
): Promise<number | undefined> {
  // A hint only spares a refusal; a fault in it must not spoil a good answer.
  const read = async (expression: string): Promise<number> => numberOf(await evaluate(expression, answer).catch(() => undefined));
  const [cost, available, perSecond] = [await read(hint.cost), await read(hint.available), await read(hint.perSecond)];
  return perSecond > 0 && cost > available ? ((cost - available) / perSecond) * 1000 : undefined;
}
