import { describe, expect, it } from "vitest";
import type { Connector, RequestOperation } from "#schemas/connector.ts";
import type { AnswerJob, AnswerResult, Plan } from "../plan.ts";
import { bookConnector, sampleClock, sampleFlow, samplePlan } from "../sample.fixture.ts";
import { readAnswer } from "./readAnswer.ts";

const item = { number: "7", total: "10.30" };
const job = (
  status: number,
  body: unknown,
  change: Partial<AnswerJob> = {},
  headers: Record<string, string> = {},
): AnswerJob => ({
  planKey: "k",
  node: "erp",
  item,
  clock: sampleClock,
  question: "request",
  response: { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) },
  ...change,
});
const ask = (...args: Parameters<typeof job>): Promise<AnswerResult> => readAnswer(samplePlan(), job(...args));

/** The sample plan with other rules; the lock alone is changed. */
function planWith(operation: Partial<RequestOperation>, errors: Connector["errors"] = bookConnector.errors): Plan {
  const plan = samplePlan();
  const post = { ...bookConnector.operations.post, ...operation } as RequestOperation;
  const book = { ...bookConnector, errors, operations: { ...bookConnector.operations, post } };
  return { ...plan, lock: { ...plan.lock, connectors: { ...plan.lock.connectors, book } } };
}

describe("an answer that is no success whatever its status", () => {
  const throttled = { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] };
  const rules: Connector["errors"] = [
    { when: "'THROTTLED' in body.errors.extensions.code", class: "rateLimited", retryAfter: "2" },
    { when: "$exists(body.errors)", class: "rejected", applied: "no", message: "body.errors[0].message" },
    { status: [429], class: "rateLimited" },
  ];

  it("is known by a rule with `when`, and one that is throttled did nothing", async () => {
    const plan = planWith({ errors: [] }, rules);
    expect(await readAnswer(plan, job(200, throttled))).toMatchObject({
      class: "rateLimited",
      applied: "no",
      retryAfterMs: 2000,
    });
    const refused = await readAnswer(plan, job(200, { errors: [{ message: "No such SKU" }] }));
    expect(refused).toMatchObject({ ok: false, class: "rejected", reason: { message: "No such SKU" } });
    expect(await readAnswer(plan, job(200, { id: 1 }))).toMatchObject({ ok: true });
    // The operation's own word goes before the rules.
    expect(await readAnswer(planWith({ success: "true" }, rules), job(200, throttled))).toMatchObject({ ok: true });
  });

  it("is asked for again while a job is not done", async () => {
    const until = { done: "body.status = 'DONE'", everyMs: 30_000, mostMs: 3_600_000 };
    const plan = planWith({ until, errors: [{ when: "body.status = 'FATAL'", class: "rejected" }] });
    expect(await readAnswer(plan, job(200, { status: "IN_QUEUE" }))).toMatchObject({
      ok: false,
      applied: "no",
      again: { everyMs: 30_000, mostMs: 3_600_000 },
      reason: { code: "answer.notYet" },
    });
    expect(await readAnswer(plan, job(200, { status: "FATAL" }))).toMatchObject({ ok: false, class: "rejected" });
    expect(await readAnswer(plan, job(200, { status: "DONE", id: 7 }))).toMatchObject({ ok: true, result: { id: 7 } });
  });
});

describe("a good answer", () => {
  it("goes into the item under the name asked for, and to the result port", async () => {
    expect(await ask(200, { id: "SO-1", more: true })).toEqual({
      ok: true,
      found: true,
      result: { id: "SO-1" },
      outputs: { out: { ...item, answer: { id: "SO-1" } }, result: { id: "SO-1" } },
    });
  });

  it("leaves the item alone where no name is given", async () => {
    const plan = samplePlan({
      ...sampleFlow,
      nodes: sampleFlow.nodes.map((node) => (node.id === "erp" ? { ...node, config: { series: "A", attach: "" } } : node)),
    });
    expect(await readAnswer(plan, job(200, { id: 1 }))).toMatchObject({ outputs: { out: item, result: { id: 1 } } });
  });

  it("is read in the format that the operation declares, and tried again where it is none", async () => {
    const plan = planWith({ decode: { format: { type: "xml", arrays: ["orders.order"] } }, result: "body.orders.order" });
    const xml = "<orders><order id='820982911946154508'/></orders>";
    expect(await readAnswer(plan, job(200, xml))).toMatchObject({ ok: true, result: [{ "@id": "820982911946154508" }] });
    expect(await readAnswer(plan, job(200, "<html>Maintenance"))).toMatchObject({
      ok: false,
      class: "transient",
      applied: "maybe",
      reason: { code: "answer.format", message: expect.stringContaining("line 1") },
    });
    // What a system says of an error is in no format.
    expect(await readAnswer(plan, job(422, { message: "no such order" }))).toMatchObject({
      class: "rejected",
      reason: { message: expect.stringContaining("no such order") },
    });
  });

  it("may be empty, no JSON, or hold ids beyond 2^53", async () => {
    const plan = planWith({ result: "$" });
    expect(await readAnswer(plan, job(204, ""))).toMatchObject({ ok: true, result: { status: 204, body: null } });
    expect(await readAnswer(plan, job(200, "OK"))).toMatchObject({ ok: true, result: { body: "OK" } });
    expect(await readAnswer(plan, job(200, '{"id":820982911946154508}'))).toMatchObject({
      result: { body: { id: "820982911946154508" } },
    });
    expect(await readAnswer(plan, job(200, '{"__proto__":{"x":1}}'))).toMatchObject({
      result: { body: '{"__proto__":{"x":1}}' },
    });
  });

  it("is what the operation says it is", async () => {
    const plan = planWith({ success: "status = 200 and body.ok" });
    expect(await readAnswer(plan, job(200, { ok: true, id: 1 }))).toMatchObject({ ok: true });
    expect(await readAnswer(plan, job(200, { ok: false, message: "No stock" }))).toEqual({
      ok: false,
      class: "rejected",
      reason: expect.objectContaining({ message: "Book answered with status 200: No stock" }),
      applied: "maybe",
    });
  });
});

describe("a bad answer", () => {
  it.each<[number, string, string]>([
    [301, "rejected", "no"],
    [401, "auth", "no"],
    [403, "auth", "no"],
    [404, "rejected", "no"],
    [408, "timeout", "no"],
    [413, "tooLarge", "no"],
    [422, "rejected", "no"],
    [429, "rateLimited", "no"],
    [500, "transient", "maybe"],
    [503, "transient", "maybe"],
  ])("with status %i is %s by itself, applied: %s", async (status, outcome, applied) => {
    expect(await ask(status, {})).toMatchObject({
      ok: false,
      class: outcome,
      applied,
      reason: { code: `answer.${outcome}`, params: { status } },
    });
  });

  it("is judged by the operation's rules first, then the connector's, the first that fits", async () => {
    expect(await ask(409, {})).toMatchObject({ class: "duplicate" });
    expect(await ask(400, { code: "BUSY", wait: 2.5 })).toMatchObject({ class: "rateLimited", retryAfterMs: 2500 });
    expect(await ask(400, { text: "No such item" })).toMatchObject({
      class: "rejected",
      reason: { message: "No such item (400)" },
    });
    const plan = planWith({ errors: [{ status: [400], class: "invalid", applied: "maybe" }] });
    expect(await readAnswer(plan, job(400, { code: "BUSY" }))).toMatchObject({ class: "invalid", applied: "maybe" });
  });

  it("says when to come back: seconds, or a date by the system's own clock", async () => {
    expect(await ask(429, {}, {}, { "retry-after": "7" })).toMatchObject({ retryAfterMs: 7000 });
    const date = { date: "Wed, 21 Oct 2026 07:28:00 GMT", "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT" };
    expect(await ask(503, {}, {}, date)).toMatchObject({ retryAfterMs: 30_000 });
    expect(await ask(503, {}, {}, { "retry-after": "999999999" })).toMatchObject({ retryAfterMs: 86_400_000 });
    expect(await ask(503, {}, {}, { "retry-after": "soon" })).not.toHaveProperty("retryAfterMs");
  });

  it.each([
    [{ error: { message: "Bad" } }, "Bad"],
    [{ errors: [{ detail: "Worse" }] }, "Worse"],
    [{ message: "Plain" }, "Plain"],
    ["<h1>Oops</h1>", "<h1>Oops</h1>"],
  ])("is told in its own words: %j", async (body, words) => {
    expect(await ask(500, body)).toMatchObject({ reason: { message: `Book answered with status 500: ${words}` } });
  });

  it("keeps its class when the rule's message fails, and is a bug when the rule itself does", async () => {
    const explained = planWith({ errors: [{ status: [400], class: "invalid", message: "$error('x')" }] });
    expect(await readAnswer(explained, job(400, {}))).toMatchObject({
      class: "invalid",
      reason: { message: "Book answered with status 400." },
    });
    const faulty = planWith({ errors: [{ when: "1 + 'a' = 2", class: "invalid" }] });
    expect(await readAnswer(faulty, job(500, {}))).toMatchObject({
      class: "bug",
      applied: "maybe",
      reason: { code: "answer.expression" },
    });
    expect(await readAnswer(samplePlan(), job(200, {}, { node: "gone" }))).toMatchObject({
      class: "bug",
      reason: { code: "answer.bug" },
    });
  });
});

describe("a lookup", () => {
  const look = (status: number, body: unknown) => ask(status, body, { question: "lookup" });

  it("finds, or clearly does not", async () => {
    expect(await look(200, { orders: [{ id: 4 }] })).toMatchObject({
      ok: true,
      found: true,
      result: { id: 4 },
      outputs: { out: { ...item, answer: { id: 4 } } },
    });
    expect(await look(200, { orders: [] })).toMatchObject({ ok: true, found: false, result: null });
    expect(await look(404, "")).toMatchObject({ ok: true, found: false });
  });

  it("never takes a failure for an absence", async () => {
    expect(await look(500, "")).toMatchObject({ ok: false, class: "transient" });
    expect(await look(401, "")).toMatchObject({ ok: false, class: "auth" });
    const graphql = planWith({}, [{ when: "$exists(body.errors)", class: "transient" }]);
    expect(await readAnswer(graphql, job(200, { errors: [{ message: "throttled" }] }, { question: "lookup" }))).toMatchObject({
      ok: false,
      class: "transient",
    });
    const unsure = planWith({
      idempotency: {
        mode: "lookup",
        lookup: { request: { method: "GET", path: "/" }, found: "body.orders ? body.orders[0] : $error('No list')" },
      },
    });
    expect(await readAnswer(unsure, job(200, {}, { question: "lookup" }))).toMatchObject({ ok: false, class: "transient" });
  });

  it("may ask for the item that was sent", async () => {
    const found = "body.refs[id = $item.number]";
    const plan = planWith({ idempotency: { mode: "lookup", lookup: { request: { method: "GET", path: "/" }, found } } });
    const look = (refs: unknown) => readAnswer(plan, job(200, { refs }, { question: "lookup" }));
    expect(await look([{ id: "6" }, { id: "7", at: 1 }])).toMatchObject({ found: true, result: { id: "7", at: 1 } });
    expect(await look([{ id: "6" }])).toMatchObject({ ok: true, found: false });
  });

  it("may ask for the effect key", async () => {
    const plan = planWith({
      idempotency: { mode: "lookup", lookup: { request: { method: "GET", path: "/" }, found: "body.refs[$ = $effectKey]" } },
    });
    const key = "dev/book%2F1/book.post/7/create";
    expect(await readAnswer(plan, job(200, { refs: ["other", key] }, { question: "lookup" }))).toMatchObject({
      found: true,
      result: key,
    });
  });
});
