import fc from "fast-check";
import { expect, test } from "vitest";
import type { Connector } from "../connector.ts";
import { validateConnector } from "./connector.ts";
import { connector, context, type Draft, sink, webhook } from "./connectorDraft.fixture.ts";

test("a sound connector has no problems", () => {
  const full: Connector = connector() as Connector;
  expect(validateConnector(full, context)).toEqual([]);
});

const cases: [string, (draft: Draft) => unknown, string, string, string][] = [
  ["no title", (c) => Reflect.deleteProperty(c, "title"), "schema.required", "/title", '"title"'],
  [
    "a signature over what is not known there",
    (c) => Object.assign(c.operations.orderCreated.verify, { signed: "{{ secrets.hook }}{{ body }}" }),
    "connector.unknownPath",
    "/operations/orderCreated/verify/signed",
    "only body and timestamp and headers can be read there",
  ],
  [
    "a test that would put a secret into a body",
    (c) => Object.assign(c, { test: { path: "/me", body: { params: [{ key: "{{ secrets.key }}" }] } } }),
    "connector.unknownPath",
    "/test/body/params/0/key",
    'reads "secrets.key", but only config can be read there.',
  ],
  [
    "a test that would put a secret into an address",
    (c) => Object.assign(c, { test: { path: "/me?key={{ secrets.key }}" } }),
    "connector.unknownPath",
    "/test/path",
    'reads "secrets.key", but only config can be read there.',
  ],
  [
    "a misspelt property deep in an operation",
    (c) => Object.assign(c.operations.createOrder.request, { metod: "POST" }),
    "schema.additionalProperties",
    "/operations/createOrder/request/metod",
    'Operation "createOrder": "request" has a property "metod"',
  ],
  [
    "an unknown method",
    (c) => Object.assign(c.operations.createOrder.request, { method: "PSOT" }),
    "schema.enum",
    "/operations/createOrder/request/method",
    'Did you mean "POST"?',
  ],
  [
    "an unknown outcome class",
    (c) => Object.assign(c, { errors: [{ class: "ratelimited" }] }),
    "schema.enum",
    "/errors/0/class",
    'Did you mean "rateLimited"?',
  ],
  [
    "an operation name with a hyphen",
    (c) => Object.assign(c.operations, { "create-order": { ...webhook(), title: "Order made" } }),
    "connector.operationName",
    "/operations/create-order",
    "letters and digits",
  ],
  [
    "a bad expression",
    (c) => Object.assign(c.operations.createOrder, { success: "x (((" }),
    "expression.invalid",
    "/operations/createOrder/success",
    "at character 2",
  ],
  [
    "a bad error rule",
    (c) => Object.assign(c, { errors: [{ class: "auth", when: "(((" }] }),
    "expression.invalid",
    "/errors/0/when",
    "Expected ).",
  ],
  [
    "a bad expression in the simulator",
    (c) => Object.assign(c.simulator.routes[0]?.ledger ?? {}, { key: "(((" }),
    "expression.invalid",
    "/simulator/routes/0/ledger/key",
    "ledger/key",
  ],
  [
    "a limit of the simulator that is not there",
    (c) => {
      Object.assign(c.simulator.routes[0] ?? {}, { limit: "poins" });
      Object.assign(c.simulator, { limits: { points: { perSecond: 1, burst: 1, refuse: { status: 429, body: "{}" } } } });
    },
    "connector.unknownLimit",
    "/simulator/routes/0/limit",
    'Did you mean "points"?',
  ],
  [
    "a bad template",
    (c) => Object.assign(c.operations.createOrder.request, { path: "/{{ ((( }}" }),
    "expression.invalid",
    "/operations/createOrder/request/path",
    "is a template",
  ],
  [
    "a bad mapping file",
    (c) => Object.assign(c.operations.createOrder.request, { bodyFile: "bad.jsonata" }),
    "expression.invalid",
    "/operations/createOrder/request/bodyFile",
    '"bad.jsonata"',
  ],
  [
    "a mapping file that is not there",
    (c) => Object.assign(c.operations.createOrder.request, { bodyFile: "ordre.jsonata" }),
    "connector.noMapping",
    "/operations/createOrder/request/bodyFile",
    'Did you mean "order.jsonata"?',
  ],
  [
    "two bodies",
    (c) => Object.assign(c.operations.createOrder.request, { body: "$" }),
    "connector.twoBodies",
    "/operations/createOrder/request/bodyFile",
    "Keep one",
  ],
  [
    "a secret where a setting belongs",
    (c) => Object.assign(c, { systemAccount: "{{ config.key }}" }),
    "connector.unknownSetting",
    "/systemAccount",
    '"key"',
  ],
  [
    "a webhook key from the connection",
    (c) => Object.assign(c.operations.orderCreated, { documentKey: "{{ config.account }}" }),
    "connector.unknownPath",
    "/operations/orderCreated/documentKey",
    "body and headers",
  ],
  ["no base address", (c) => Reflect.deleteProperty(c, "baseUrl"), "connector.noBaseUrl", "/baseUrl", '"baseUrl"'],
  [
    "a sink without document key",
    (c) => Reflect.deleteProperty(c.operations.createOrder, "documentKey"),
    "connector.noDocumentKey",
    "/operations/createOrder/documentKey",
    "posted twice",
  ],
  [
    "a wait for a job in what writes",
    (c) => Object.assign(c.operations.createOrder, { until: { done: "true", everyMs: 1000, mostMs: 1000 } }),
    "connector.untilOfSink",
    "/operations/createOrder/until",
    "lookup of its own",
  ],
  [
    "a control number of what goes on in steps",
    (c) =>
      Object.assign(c.operations.createOrder, {
        controlNumber: { most: 999_999_999 },
        steps: [{ request: { method: "GET", path: "/jobs" } }],
      }),
    "connector.numbersNothing",
    "/operations/createOrder/controlNumber",
    "by one request",
  ],
  [
    "pages of what writes",
    (c) => Object.assign(c.operations.createOrder, { page: { next: "body.next", most: 9 } }),
    "connector.pagesOf",
    "/operations/createOrder/page",
    "lookup of its own",
  ],
  [
    "a lookup whose pages overlap",
    (c) => Object.assign(c.operations.createOrder, { kind: "lookup", page: { next: "body.next", most: 9, overlaps: true } }),
    "connector.pagesOf",
    "/operations/createOrder/page",
    "lookup of its own",
  ],
  [
    "a bad hint of what is left",
    (c) => Object.assign(c.limits, { hint: { type: "cost", cost: "(((", available: "1", perSecond: "1" } }),
    "expression.invalid",
    "/limits/hint/cost",
    "Expected ).",
  ],
  [
    "a key that is kept and never sent",
    (c) => Object.assign(c.operations.createOrder.idempotency, { mode: "natural", keptMs: 86_400_000 }),
    "connector.keyKept",
    "/operations/createOrder/idempotency/keptMs",
    "send a key",
  ],
  [
    "idempotency by key without header",
    (c) => Object.assign(c.operations.createOrder, { idempotency: { mode: "key" } }),
    "connector.idempotency",
    "/operations/createOrder/idempotency/header",
    '"header"',
  ],
  [
    "an effect key in the body of a request without one",
    (c) =>
      Object.assign(c.operations.createOrder, {
        request: { method: "POST", path: "/orders" },
        idempotency: { mode: "key", field: "/requestId" },
      }),
    "connector.keyField",
    "/operations/createOrder/idempotency/field",
    "field of a JSON body",
  ],
  [
    "an effect key in two places",
    (c) => Object.assign(c.operations.createOrder, { idempotency: { mode: "key", header: "x", field: "/requestId" } }),
    "connector.keyField",
    "/operations/createOrder/idempotency/field",
    "field of a JSON body",
  ],
  [
    "a config schema that is none",
    (c) => Object.assign(c.operations.createOrder, { config: { type: "objct" } }),
    "connector.schemaUnusable",
    "/operations/createOrder/config",
    "JSON Schema",
  ],
  [
    "retry settings that make no sense",
    (c) => Object.assign(c.operations.createOrder, { retry: { baseMs: 9, capMs: 1 } }),
    "retry.capBelowBase",
    "/operations/createOrder/retry/capMs",
    "1 ms",
  ],
  [
    "an unknown canonical schema",
    (c) => Object.assign(c.operations.createOrder, { input: "canonical/order/2" }),
    "schema.unknownCanonical",
    "/operations/createOrder/input",
    '"canonical/order/1"',
  ],
  [
    "an answer of an unknown canonical schema",
    (c) => Object.assign(c.operations.createOrder, { output: "canonical/order/2" }),
    "schema.unknownCanonical",
    "/operations/createOrder/output",
    '"canonical/order/1"',
  ],
  [
    "a sample that is not there",
    (c) => Object.assign(c.operations.orderCreated, { samples: ["odrer.json"] }),
    "connector.noSample",
    "/operations/orderCreated/samples/0",
    'Did you mean "order.json"?',
  ],
  [
    "a value written into a statement",
    (c) => Object.assign(c.operations, { createOrder: asSql({ statement: "insert into t values ('{{ id }}')" }) }),
    "sql.template",
    "/operations/createOrder/request/statements/0/statement",
    'the value into "values"',
  ],
  [
    "values for a statement that cannot be read",
    (c) => Object.assign(c.operations, { createOrder: asSql({ statement: "select $1", values: "[(((]" }) }),
    "expression.invalid",
    "/operations/createOrder/request/statements/0/values",
    '"request/statements/0/values" is an expression',
  ],
  [
    "a transport that does not exist",
    (c) => Object.assign(c.operations.createOrder, { transport: "pigeon" }),
    "schema.anyOf",
    "/operations/createOrder",
    '"webhook", "poll"',
  ],
  [
    "a field whose template cannot be read",
    (c) => Object.assign(c.operations.createOrder, { request: { method: "POST", path: "/", fields: { text: "{{ ((( }}" } } }),
    "expression.invalid",
    "/operations/createOrder/request/fields/text",
    '"request/fields/text" is a template that cannot be read',
  ],
  [
    "variables of a query that cannot be read",
    (c) =>
      Object.assign(c.operations.createOrder, {
        request: { method: "POST", path: "/", graphql: { query: "{ id }", variables: "(((" } },
      }),
    "expression.invalid",
    "/operations/createOrder/request/graphql/variables",
    '"request/graphql/variables" is an expression that cannot be read',
  ],
];

/** The sink as one that writes into a database. */
function asSql(statement: object) {
  const { request: _, ...rest } = sink();
  return { ...rest, transport: "sql", request: { statements: [statement] } };
}

test("a mistake of every kind is found: more than 30", () => expect(cases.length).toBeGreaterThan(30));

test("a database needs no header for its key, and no address of the web", () => {
  const { baseUrl: _, ...draft } = connector();
  const operations = { createOrder: { ...asSql({ statement: "select $1", values: "[id]" }), idempotency: { mode: "key" } } };
  expect(
    validateConnector({ ...draft, operations, simulator: undefined }, context).filter(({ severity }) => severity === "error"),
  ).toEqual([]);
});

test.each(["fileDrop", "sftpDrop"])("a folder knows a file by its name: %s needs no header for its key", (transport) => {
  const { baseUrl: _, ...draft } = connector();
  const operations = { createOrder: { ...sink(), transport, idempotency: { mode: "key" } } };
  expect(
    validateConnector({ ...draft, operations, simulator: undefined }, context).filter(({ severity }) => severity === "error"),
  ).toEqual([]);
});

test.each(cases)("one sentence for %s", (_name, edit, code, pointer, says) => {
  const draft = connector();
  edit(draft);
  const problems = validateConnector(draft, { ...context, mappings: { "order.jsonata": "$", "bad.jsonata": "(((" } });
  expect(problems.map((problem) => [problem.code, problem.pointer])).toEqual([[code, pointer]]);
  expect(`${problems[0]?.message} ${problems[0]?.hint ?? ""}`).toContain(says);
});

test("never throws, whatever it is given", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void validateConnector(value, context)));
  const parts = fc.constantFrom("connection", "auth", "errors", "operations", "simulator", "headers", "limits");
  fc.assert(
    fc.property(parts, fc.jsonValue(), (part, value) => {
      validateConnector({ ...connector(), [part]: value }, context);
      validateConnector({ ...connector(), operations: { createOrder: { ...sink(), [part]: value, request: value } } }, context);
    }),
  );
});
