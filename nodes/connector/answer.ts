import { JsonError, parseJson } from "#schemas/json.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { ErrorRule } from "#schemas/request.ts";
import type { RawResponse } from "../plan.ts";
import { type Answer, classOfStatus, type EvaluateOnAnswer, usualMessage } from "./errorRules.ts";
import { retryAfterMs, secondsToWait } from "./retryAfter.ts";

/** A body that is no JSON stays text; hostile JSON is kept as text too, so that no expression walks into it. */
function parseBody(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return parseJson(text);
  } catch (raw) {
    if (raw instanceof JsonError) return text;
    throw raw;
  }
}

/** A system's answer as expressions see it. */
export const asAnswer = ({ status, headers, body }: RawResponse): Answer => ({ status, headers, body: parseBody(body) });

export const isGood = (status: number): boolean => status >= 200 && status < 300;

const hints: Partial<Record<OutcomeClass, string>> = {
  auth: "Check the credentials of the connection, then resume it.",
  rejected: "Correct the document or the operation's config, then retry.",
  tooLarge: "Send less in one request.",
};

async function messageOf(
  system: string,
  answer: Answer,
  rule: ErrorRule | undefined,
  evaluate: EvaluateOnAnswer,
): Promise<string> {
  if (rule?.message !== undefined) {
    // The message only explains the outcome; a fault in it must not change the outcome.
    const text = await evaluate(rule.message, answer).catch(() => undefined);
    if (typeof text === "string" && text.trim() !== "") return text.trim();
  }
  const told = usualMessage(answer.body);
  return `${system} answered with status ${answer.status}${told === undefined ? "." : `: ${told}`}`;
}

/** What an answer that is no success means: by the rule that fits it, else by its status. `system` names who answered. */
export async function answerFailure(
  system: string,
  answer: Answer,
  rule: ErrorRule | undefined,
  evaluate: EvaluateOnAnswer,
): Promise<{ class: OutcomeClass; reason: Reason; retryAfterMs?: number }> {
  const outcome = rule?.class ?? classOfStatus(answer.status);
  const stated =
    rule?.retryAfter === undefined ? undefined : secondsToWait(await evaluate(rule.retryAfter, answer).catch(() => undefined));
  const wait = stated ?? retryAfterMs(answer.headers);
  const hint = hints[outcome];
  return {
    class: outcome,
    reason: {
      code: `answer.${outcome}`,
      message: await messageOf(system, answer, rule, evaluate),
      params: { status: answer.status },
      ...(hint === undefined ? {} : { hint }),
    },
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}
