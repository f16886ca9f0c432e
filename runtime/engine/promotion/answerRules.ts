import { lockedEffect, mappingOf } from "#nodes/connector/operation.ts";
import { stepRequests } from "#nodes/connector/steps.ts";
import type { Lock } from "#nodes/plan.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { EffectOperation } from "#schemas/connector.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { sha256Hex } from "#schemas/hash.ts";

/** What a version makes of the answers to a node's requests. */
export interface AnswerRules {
  /** Two of one hash make the same of the same answer. */
  hash: string;
  /** Two of one hash read an answer the same way, though the requests before it differ. */
  reading: string;
  /** Whether what they make depends on the item as well: then it must be the same one. */
  ofItem: boolean;
}

export interface Drawn {
  flow: Pick<Flow, "nodes">;
  lock: Lock;
}

/** By node: those of all effects of a version. */
export type RulesByNode = ReadonlyMap<string, AnswerRules>;

export const answerRules = ({ flow, lock }: Drawn): RulesByNode =>
  new Map(
    flow.nodes.flatMap((node) => {
      const rules = rulesOf(lock, node);
      return rules ? [[node.id, rules] as const] : [];
    }),
  );

/** Effects of whose requests the items must be known as well. */
export const readByItem = (rules: RulesByNode): string[] => [...rules].flatMap(([node, { ofItem }]) => (ofItem ? [node] : []));

function rulesOf(lock: Lock, node: FlowNode): AnswerRules | undefined {
  const effect = lockedEffect(lock, node);
  if (!effect) return undefined;
  const { operation, connector } = effect;
  const files = stepRequests(operation).map(({ bodyFile }) => bodyFile);
  const mapping = mappingOf(lock, connector);
  const rules = {
    ...readingOf(operation),
    connectorErrors: connector.errors,
    mappings: files.map((file) => (file === undefined ? null : mapping(file))),
  };
  const text = canonicalJson(rules);
  // What is asked after the first request is rendered of the item; what came to each document is found by the item's own.
  const ofItem = files.length > 0 || "page" in rules || rules.items !== undefined || /\$(item|config|effectKey)\b/.test(text);
  const { documentKey, event } = operation;
  return {
    reading: sha256Hex(/\$config\b/.test(text) ? canonicalJson([text, node.config ?? {}]) : text),
    hash: sha256Hex(ofItem ? canonicalJson([text, node.config ?? {}, documentKey ?? null, event ?? null]) : text),
    ofItem,
  };
}

/**
 * An operation without what it is shown by, what its first request is made of and how it is sent: that is in the request itself,
 * or says nothing of the answer. A question asked in doubt, and what it found, is left out as well: nearly no result came of one.
 */
function readingOf(operation: EffectOperation) {
  const { title: _title, summary: _summary, keywords: _keywords, lifecycle: _lifecycle, samples: _samples, ...rest } = operation;
  const { request: _request, config: _config, input: _input, documentKey: _key, event: _event, ...sent } = rest;
  const { idempotency: _idempotency, retry: _retry, rate: _rate, milestone: _milestone, ...reading } = sent;
  return reading;
}
