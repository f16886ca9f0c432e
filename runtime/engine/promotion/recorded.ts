import { firstCall } from "#nodes/connector/steps.ts";
import type { Recalled, SubFlowCall, SubFlowEnd } from "#nodes/dryRun/dryRun.ts";
import type { EffectCall } from "#nodes/plan.ts";
import type { EndedControl, EndedEffect } from "#runtime/store/pastMessages.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { sha256Hex } from "#schemas/hash.ts";
import type { AnswerRules, RulesByNode } from "./answerRules.ts";

/** What versions make of answers. */
export interface Rules {
  /** By id, the versions that made the requests. */
  made: ReadonlyMap<string, RulesByNode>;
  /** The version that is tried. */
  tried: RulesByNode;
}

/**
 * Answers a request with what the same request at the same node came to before, where the version makes the same of the answer.
 * Of one that failed and was done later, the result counts: that is how the story ended.
 */
export function recordedAnswers(
  effects: readonly EndedEffect[],
  rules: Rules,
): (call: EffectCall, requestHash: string) => Recalled {
  const known = new Map<string, Recalled>();
  for (const { node, versionId, call, item, state, result, class: kind, reason } of effects) {
    const read = rules.made.get(versionId)?.get(node);
    if (!read || (read.ofItem && item === null)) continue;
    const { request } = firstCall(JSON.parse(call) as EffectCall);
    const key = keyOf(node, sha256Hex(canonicalJson(request)), ...readBy(read, () => JSON.parse(item ?? "null")));
    if (state === "DONE") known.set(key, { recalled: "result", result: result === null ? null : JSON.parse(result) });
    else if (kind && reason && !known.has(key)) known.set(key, { recalled: "failure", class: kind, reason });
  }
  return ({ node, item }, requestHash) => {
    const read = rules.tried.get(node);
    return (read && known.get(keyOf(node, requestHash, ...readBy(read, () => item)))) ?? { recalled: "unknown" };
  };
}

/**
 * The same, and of a request that was never made: what the same effect came to, by its key, or the only answer that the node had where it
 * has none. That is an assumption: what another request comes to nobody knows. It is none where the version reads answers otherwise.
 */
export function assumedAnswers(
  effects: readonly EndedEffect[],
  rules: Rules,
): (call: EffectCall, requestHash: string) => Recalled {
  const known = recordedAnswers(effects, rules);
  const results = new Map<string, Set<string>>();
  for (const { node, versionId, call, state, result } of effects) {
    const read = rules.made.get(versionId)?.get(node);
    if (state !== "DONE" || !read) continue;
    const key = keyOf(node, read.reading, (JSON.parse(call) as EffectCall).effectKey);
    results.set(key, (results.get(key) ?? new Set()).add(result ?? "null"));
  }
  return (call, requestHash) => {
    const answer = known(call, requestHash);
    const read = rules.tried.get(call.node);
    if (answer.recalled !== "unknown" || !read) return answer;
    const [only, ...others] = results.get(keyOf(call.node, read.reading, call.effectKey)) ?? [];
    return only === undefined || others.length > 0 ? answer : { recalled: "result", result: JSON.parse(only) as unknown };
  };
}

/** By what an answer is read. */
const readBy = ({ hash, ofItem }: AnswerRules, item: () => unknown): string[] =>
  ofItem ? [hash, sha256Hex(canonicalJson(item() ?? null))] : [hash];

/** The messages that waits met before, by node. */
export function recordedMessages(controls: readonly EndedControl[]): Record<string, unknown[]> {
  const nodes = new Set(controls.map(({ node }) => node));
  const of = (wanted: string) =>
    controls.flatMap(({ node, message }) => (node === wanted && message !== null ? [JSON.parse(message) as unknown] : []));
  return Object.fromEntries([...nodes].map((node) => [node, of(node)]));
}

/** Answers a call of another flow with what the same call of that flow, with the same item, came to before; undefined where none was made. */
export function recordedCalls(controls: readonly EndedControl[]): (call: SubFlowCall) => Promise<SubFlowEnd | undefined> {
  const known = new Map<string, SubFlowEnd>();
  for (const { node, input, child } of controls) {
    if (child) known.set(keyOf(node, child.flow, canonicalJson(JSON.parse(input))), endOf(child));
  }
  return async ({ node, flow, item }) => known.get(keyOf(node, flow, canonicalJson(item ?? null)));
}

/** The same, and of a call that was never made: what the only one of that flow at the node came to. An assumption as well. */
export function assumedCalls(controls: readonly EndedControl[]): (call: SubFlowCall) => Promise<SubFlowEnd | undefined> {
  const known = recordedCalls(controls);
  return async (call) => {
    const [only, ...others] = controls.filter(({ node, child }) => node === call.node && child?.flow === call.flow);
    return (await known(call)) ?? (only?.child && others.length === 0 ? endOf(only.child) : undefined);
  };
}

/** The failure is told as the calling run tells it: by the node and the class of the flow below. */
function endOf({ state, response, node, class: kind }: NonNullable<EndedControl["child"]>): SubFlowEnd {
  const failed = state === "SUCCEEDED" ? [] : [{ node: node ?? "", class: kind ?? "rejected" }];
  return {
    state,
    waiting: false,
    response: response === null ? null : (JSON.parse(response) as SubFlowEnd["response"]),
    failures: failed.map((each) => ({ ...each, itemPath: "", reason: { code: "subFlow.failed", message: "It failed." } })),
  };
}

const keyOf = (...parts: string[]): string => parts.join(" ");
