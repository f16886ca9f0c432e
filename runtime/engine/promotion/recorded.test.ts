import { describe, expect, test } from "vitest";
import type { EffectCall } from "#nodes/plan.ts";
import type { EndedControl, EndedEffect } from "#runtime/store/pastMessages.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { sha256Hex } from "#schemas/hash.ts";
import type { AnswerRules } from "./answerRules.ts";
import { recordedAnswers, recordedCalls } from "./recorded.ts";

const request = { method: "POST", path: "/orders", query: {}, headers: {}, timeoutMs: 1_000 };
const call = (item: unknown, node = "erp"): EffectCall => ({
  node,
  item,
  request,
  documentKey: "7",
  effectKey: "k",
  idempotency: "none",
  read: false,
});
const hash = sha256Hex(canonicalJson(request));

const ended = (more: Partial<EndedEffect> = {}): EndedEffect => ({
  node: "erp",
  versionId: "v1",
  call: JSON.stringify(call(undefined)),
  item: null,
  state: "DONE",
  result: '{"id":"so-1"}',
  class: null,
  reason: null,
  ...more,
});
const known = { recalled: "result", result: { id: "so-1" } };
const unknown = { recalled: "unknown" };

const rules = (made: AnswerRules, tried = made) => ({
  made: new Map([["v1", new Map([["erp", made]])]]),
  tried: new Map([["erp", tried]]),
});
const plain = { hash: "a", ofItem: false };

describe("what a request came to before", () => {
  test("is recalled where the version that is tried makes the same of answers, and is not known where it does not", () => {
    expect(recordedAnswers([ended()], rules(plain))(call({}), hash)).toEqual(known);
    expect(recordedAnswers([ended()], rules(plain))(call({}), "other")).toEqual(unknown);
    expect(recordedAnswers([ended()], rules(plain, { hash: "b", ofItem: false }))(call({}), hash)).toEqual(unknown);
    const failed = ended({ state: "DEAD", result: null, class: "rejected", reason: { code: "x", message: "No." } });
    expect(recordedAnswers([failed], rules(plain))(call({}), hash)).toMatchObject({ recalled: "failure", class: "rejected" });
    expect(recordedAnswers([failed], rules(plain, { hash: "b", ofItem: false }))(call({}), hash)).toEqual(unknown);
    // Nobody has the version any more.
    expect(recordedAnswers([ended({ versionId: "v0" })], rules(plain))(call({}), hash)).toEqual(unknown);
  });

  test("is recalled for the same item alone, where the answer is read by it", () => {
    const byItem = rules({ hash: "a", ofItem: true });
    const recall = recordedAnswers([ended({ item: '{"b":1,"a":2}' })], byItem);
    expect(recall(call({ a: 2, b: 1 }), hash)).toEqual(known);
    expect(recall(call({ a: 3, b: 1 }), hash)).toEqual(unknown);
    expect(recordedAnswers([ended()], byItem)(call(null), hash)).toEqual(unknown);
  });

  test("is known by the first request of an operation that asked more", () => {
    const last = { ...call(undefined), request: { ...request, path: "/jobs/1" }, read: true };
    const step = { before: [{}], requests: [request], read: false };
    expect(recordedAnswers([ended({ call: JSON.stringify({ ...last, step }) })], rules(plain))(call({}), hash)).toEqual(known);
  });

  test("of a call of another flow is known for that flow alone", async () => {
    const child = { flow: "rates", state: "SUCCEEDED" as const, response: null, node: null, class: null };
    const control: EndedControl = { node: "asked", input: '{"a":1}', message: null, child };
    const recall = recordedCalls([control]);
    expect(await recall({ node: "asked", flow: "rates", item: { a: 1 } })).toMatchObject({ state: "SUCCEEDED" });
    expect(await recall({ node: "asked", flow: "rates-other", item: { a: 1 } })).toBeUndefined();
    expect(await recall({ node: "asked", flow: "rates", item: { a: 2 } })).toBeUndefined();
  });
});
