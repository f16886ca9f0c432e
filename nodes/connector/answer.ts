import type { Decoding } from "#schemas/format.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { ErrorRule } from "#schemas/request.ts";
import { readFormat } from "../format/format.ts";
import { FormatError } from "../format/formatError.ts";
import type { RawResponse } from "../plan.ts";
import { type Answer, classOfStatus, type EvaluateOnAnswer, isGood, usualMessage } from "./errorRules.ts";
import { EvaluationFailure } from "./failure.ts";
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

/**
 * A system's answer as expressions see it: a good one in the format that is declared, any other as JSON or text. Throws
 * EvaluationFailure where it is not in that format; `system` names who answered.
 */
export function asAnswer({ status, headers, body }: RawResponse, decode?: Decoding, system = "The system"): Answer {
  if (!decode?.format || !isGood(status)) return { status, headers, body: parseBody(body) };
  try {
    return { status, headers, body: body.trim() === "" ? null : readFormat(body, decode.format) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const message = `${system} answered with status ${status}, but not in the format that is expected. ${error.message}`;
    const hint = "Look at the address of the connection; a maintenance page passes by itself.";
    throw new EvaluationFailure({ class: "transient", reason: { code: "answer.format", message, hint, params: { status } } });
  }
}

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
