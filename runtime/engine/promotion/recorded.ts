import type { Recalled } from "#nodes/dryRun/dryRun.ts";
import type { EffectCall } from "#nodes/plan.ts";
import type { EndedEffect } from "#runtime/store/pastMessages.ts";
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

const keyOf = (node: string, hash: string): string => `${node} ${hash}`;
