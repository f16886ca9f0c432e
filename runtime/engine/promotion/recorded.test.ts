import { describe, expect, test } from "vitest";
import type { EffectCall } from "#nodes/plan.ts";
import type { EndedControl, EndedEffect } from "#runtime/store/pastMessages.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { sha256Hex } from "#schemas/hash.ts";
import type { AnswerRules } from "./answerRules.ts";
import { assumedAnswers, assumedCalls, recordedAnswers, recordedCalls } from "./recorded.ts";

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
const plain: AnswerRules = { hash: "a", reading: "r", ofItem: false };
const other: AnswerRules = { ...plain, hash: "b" };

describe("what a request came to before", () => {
  test("is recalled where the version that is tried makes the same of answers, and is not known where it does not", () => {
    expect(recordedAnswers([ended()], rules(plain))(call({}), hash)).toEqual(known);
    expect(recordedAnswers([ended()], rules(plain))(call({}), "other")).toEqual(unknown);
    expect(recordedAnswers([ended()], rules(plain, other))(call({}), hash)).toEqual(unknown);
    const failed = ended({ state: "DEAD", result: null, class: "rejected", reason: { code: "x", message: "No." } });
    expect(recordedAnswers([failed], rules(plain))(call({}), hash)).toMatchObject({ recalled: "failure", class: "rejected" });
    expect(recordedAnswers([failed], rules(plain, other))(call({}), hash)).toEqual(unknown);
    // Nobody has the version any more.
    expect(recordedAnswers([ended({ versionId: "v0" })], rules(plain))(call({}), hash)).toEqual(unknown);
  });

  test("is recalled for the same item alone, where the answer is read by it", () => {
    const byItem = rules({ ...plain, ofItem: true });
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

  test("is assumed of another request for the same key, where the answer is read the same way", () => {
    const assume = assumedAnswers([ended()], rules(plain, other));
    expect(assume(call({}), "another")).toEqual(known);
    expect(assume({ ...call({}), effectKey: "k2" }, "another")).toEqual(unknown);
    expect(assume(call({}, "wms"), "another")).toEqual(unknown);
    expect(assumedAnswers([ended()], rules(plain, { ...other, reading: "s" }))(call({}), "another")).toEqual(unknown);
    const failed = ended({ state: "DEAD", result: null, class: "rejected", reason: { code: "x", message: "No." } });
    expect(assumedAnswers([failed], rules(plain, other))(call({}), "another")).toEqual(unknown);
  });

  test("is assumed of a read where the node had one answer alone, and never where the request itself is known", () => {
    const read = (result: string, path = "/a") =>
      ended({ result, call: JSON.stringify({ ...call(undefined), effectKey: "", read: true, request: { ...request, path } }) });
    const asks = { ...call({}), effectKey: "", read: true };
    expect(assumedAnswers([read('{"n":1}')], rules(plain))(asks, "another")).toMatchObject({ result: { n: 1 } });
    expect(assumedAnswers([read('{"n":1}'), read('{"n":2}', "/b")], rules(plain))(asks, "another")).toEqual(unknown);
    const exact = sha256Hex(canonicalJson({ ...request, path: "/b" }));
    const both = assumedAnswers([read('{"n":1}'), read('{"n":2}', "/b")], rules(plain));
    expect(both(asks, exact)).toMatchObject({ result: { n: 2 } });
  });

  test("of a call of another flow is assumed where the node made one alone", async () => {
    const child = { flow: "rates", state: "SUCCEEDED" as const, response: null, node: null, class: null };
    const control = (a: number): EndedControl => ({ node: "asked", input: `{"a":${a}}`, message: null, child });
    const asks = { node: "asked", flow: "rates", item: { a: 9 } };
    expect(await assumedCalls([control(1)])(asks)).toMatchObject({ state: "SUCCEEDED" });
    expect(await assumedCalls([control(1), control(2)])(asks)).toBeUndefined();
    expect(await assumedCalls([control(1)])({ ...asks, flow: "rates-other" })).toBeUndefined();
  });
});
