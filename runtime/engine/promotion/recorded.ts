import type { Recalled, SubFlowCall, SubFlowEnd } from "#nodes/dryRun/dryRun.ts";
import type { EffectCall } from "#nodes/plan.ts";
import type { EndedControl, EndedEffect } from "#runtime/store/pastMessages.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { sha256Hex } from "#schemas/hash.ts";

/**
 * Answers a request with what the same request at the same node came to before. Of one that failed and was done later, the
 * result counts: that is how the story ended.
 */
export function recordedAnswers(effects: readonly EndedEffect[]): (call: EffectCall, requestHash: string) => Recalled {
  const known = new Map<string, Recalled>();
  for (const { node, call, state, result, class: kind, reason } of effects) {
    const { request } = JSON.parse(call) as Pick<EffectCall, "request">;
    const key = keyOf(node, sha256Hex(canonicalJson(request)));
    if (state === "DONE") known.set(key, { recalled: "result", result: result === null ? null : JSON.parse(result) });
    else if (kind && reason && !known.has(key)) known.set(key, { recalled: "failure", class: kind, reason });
  }
  return ({ node }, requestHash) => known.get(keyOf(node, requestHash)) ?? { recalled: "unknown" };
}

/** The messages that waits met before, by node. */
export function recordedMessages(controls: readonly EndedControl[]): Record<string, unknown[]> {
  const nodes = new Set(controls.map(({ node }) => node));
  const of = (wanted: string) =>
    controls.flatMap(({ node, message }) => (node === wanted && message !== null ? [JSON.parse(message) as unknown] : []));
  return Object.fromEntries([...nodes].map((node) => [node, of(node)]));
}

/** Answers a call of another flow with what the same call, of the same item, came to before; undefined where none was made. */
export function recordedCalls(controls: readonly EndedControl[]): (call: SubFlowCall) => Promise<SubFlowEnd | undefined> {
  const known = new Map<string, SubFlowEnd>();
  for (const { node, input, child } of controls) {
    if (child) known.set(keyOf(node, canonicalJson(JSON.parse(input))), endOf(child));
  }
  return async ({ node, item }) => known.get(keyOf(node, canonicalJson(item ?? null)));
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

const keyOf = (node: string, hash: string): string => `${node} ${hash}`;
