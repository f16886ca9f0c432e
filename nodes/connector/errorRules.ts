import type { OutcomeClass } from "#schemas/outcome.ts";
import type { ErrorRule } from "#schemas/request.ts";

/** An answer as expressions see it. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

export type EvaluateOnAnswer = (expression: string, answer: Answer) => Promise<unknown>;

/** What each status means where no rule says otherwise. */
const byStatus: ReadonlyMap<number, OutcomeClass> = new Map([
  [401, "auth"],
  [403, "auth"],
  [408, "timeout"],
  [413, "tooLarge"],
  [425, "transient"],
  [429, "rateLimited"],
]);

export const classOfStatus = (status: number): OutcomeClass => byStatus.get(status) ?? (status >= 500 ? "transient" : "rejected");

export const isGood = (status: number): boolean => status >= 200 && status < 300;

/** The first rule that fits the answer; a rule with neither `status` nor `when` fits every answer. */
export async function matchingRule(
  rules: readonly ErrorRule[],
  answer: Answer,
  evaluate: EvaluateOnAnswer,
): Promise<ErrorRule | undefined> {
  for (const rule of rules) {
    if (rule.status && !rule.status.includes(answer.status)) continue;
    if (rule.when !== undefined && (await evaluate(rule.when, answer)) !== true) continue;
    return rule;
  }
  return undefined;
}

/**
 * Whether an answer is a success: by the operation's own rule; without one, a good status that no rule with `when` knows
 * as an error (GraphQL answers 200 to everything). Else the rule that fits.
 */
export async function judge(
  answer: Answer,
  { success, rules }: { success: string | undefined; rules: readonly ErrorRule[] },
  evaluate: EvaluateOnAnswer,
): Promise<{ good: true } | { good: false; rule: ErrorRule | undefined }> {
  if (success !== undefined) {
    if ((await evaluate(success, answer)) === true) return { good: true };
    return { good: false, rule: await matchingRule(rules, answer, evaluate) };
  }
  if (!isGood(answer.status)) return { good: false, rule: await matchingRule(rules, answer, evaluate) };
  const conditional = rules.filter(({ when }) => when !== undefined);
  const rule = await matchingRule(conditional, answer, evaluate);
  return rule === undefined ? { good: true } : { good: false, rule };
}

/** Whether the system may have done what was asked, though it answered with a failure. */
export function mayHaveApplied(status: number, rule: ErrorRule | undefined): "no" | "maybe" {
  if (rule?.applied) return rule.applied;
  // A system that limits requests did nothing, also where it says so under status 200.
  if (rule?.class === "rateLimited") return "no";
  // A good status with a body that is no success tells nothing certain; neither does a server's own failure.
  return status >= 500 || status < 300 ? "maybe" : "no";
}

const LONGEST_EXCERPT = 300;

const excerpt = (text: string): string => {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length > LONGEST_EXCERPT ? `${flat.slice(0, LONGEST_EXCERPT)}…` : flat;
};

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? excerpt(value) : undefined;

const member = (value: unknown, name: string | number): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string | number, unknown>)[name]
    : undefined;

/** The sentence in an answer, where systems usually put it; `undefined` when none is found. */
export function usualMessage(body: unknown): string | undefined {
  const first = member(member(body, "errors"), 0);
  const candidates = [
    body,
    member(body, "message"),
    member(body, "detail"),
    member(body, "error_description"),
    member(body, "error"),
    member(member(body, "error"), "message"),
    first,
    member(first, "message"),
    member(first, "detail"),
    member(body, "title"),
  ];
  return candidates.map(textOf).find((text) => text !== undefined);
}
