import fc from "fast-check";
import { expect, test } from "vitest";
import type { Connector, RequestOperation } from "../connector.ts";
import type { WebhookOperation } from "../sourceOperation.ts";
import { validateConnector } from "./connector.ts";
import type { ConnectorContext } from "./connectorContext.ts";

const webhook = (): WebhookOperation => ({
  kind: "source",
  transport: "webhook",
  title: "Order created",
  summary: "Starts a run.",
  verify: { type: "hmac", algorithm: "sha256", encoding: "base64", header: "x-signature", secret: "{{ secrets.hook }}" },
  dedupeKey: ["{{ headers.id }}"],
  documentKey: "{{ body.id }}",
  samples: ["order.json"],
});
const sink = (): RequestOperation => ({
  kind: "sink",
  transport: "http",
  title: "Create order",
  summary: "Creates an order.",
  input: "canonical/order/1",
  config: { type: "object", properties: {} },
  request: { method: "POST", path: "/orders", bodyFile: "order.jsonata" },
  documentKey: "externalId",
  idempotency: { mode: "key", header: "idempotency-key" },
  samples: [],
});

const connector = () => ({
  kind: "connector" as const,
  id: "acme",
  version: "1.0.0",
  title: "Acme",
  summary: "Orders.",
  system: "erp" as const,
  badge: { text: "Ac", color: "blue" },
  lifecycle: { state: "live" as const },
  connection: {
    type: "object",
    properties: {
      baseUrl: { type: "string" },
      account: { type: "string" },
      key: { type: "string", "x-secret": true },
      hook: { type: "string", "x-secret": true },
    },
  },
  baseUrl: "{{ config.baseUrl }}" as string | undefined,
  systemAccount: "{{ config.account }}",
  auth: { type: "apiKey", header: "x-key", value: "{{ secrets.key }}" } as Connector["auth"],
  limits: { concurrency: 2 },
  errors: [{ status: [429], class: "rateLimited" as const, message: "body.message" }] as Connector["errors"],
  operations: { orderCreated: webhook(), createOrder: sink() },
  simulator: {
    routes: [
      {
        method: "POST" as const,
        path: "/orders",
        ledger: { name: "orders", key: "body.id", write: "create" as const },
        respond: { status: 201, body: "body" },
      },
    ],
  },
});
type Draft = ReturnType<typeof connector>;

const bad = (text: string) =>
  text.includes("(((") ? { ok: false as const, message: "Expected ).", position: text.indexOf("(((") } : undefined;
const context: ConnectorContext = {
  checkExpression: (text) => bad(text) ?? { ok: true },
  checkTemplate: (text) => bad(text) ?? { ok: true },
  readPaths: (text) =>
    bad(text) ?? { ok: true, paths: [...text.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)].map(([, path = ""]) => path) },
  mappings: { "order.jsonata": "$" },
  samples: ["order.json"],
  schemas: ["canonical/order/1"],
};

test("a sound connector has no problems", () => {
  const full: Connector = connector() as Connector;
  expect(validateConnector(full, context)).toEqual([]);
});

const cases: [string, (draft: Draft) => unknown, string, string, string][] = [
  ["no title", (c) => Reflect.deleteProperty(c, "title"), "schema.required", "/title", '"title"'],
  [
    "a kind of auth that does not exist",
    (c) => Object.assign(c, { auth: { type: "magic" } }),
    "schema.anyOf",
    "/auth",
    '"none", "apiKey", "bearer", "path", "basic", "oauth1", "oauth2", "session", "hmac" or "awsSigV4"',
  ],
  [
    "a time of signing that is not signed",
    (c) => Object.assign(c.operations.orderCreated.verify, { timestamp: { prefix: "t=", withinSeconds: 300 } }),
    "connector.timeUnsigned",
    "/operations/orderCreated/verify/signed",
    'has a "timestamp", but it does not stand in "signed"',
  ],
  [
    "a signature over what is not known there",
    (c) => Object.assign(c.operations.orderCreated.verify, { signed: "{{ secrets.hook }}{{ body }}" }),
    "connector.unknownPath",
    "/operations/orderCreated/verify/signed",
    "only body and timestamp and headers can be read there",
  ],
  [
    "a key with nowhere to go",
    (c) => Object.assign(c, { auth: { type: "apiKey", value: "{{ secrets.key }}" } }),
    "connector.apiKeyPlace",
    "/auth",
    '"auth" has neither "header" nor "query"',
  ],
  [
    "a key with two places to go",
    (c) => Object.assign(c, { auth: { type: "apiKey", header: "x", query: "y", value: "{{ secrets.key }}" } }),
    "connector.apiKeyPlace",
    "/auth",
    '"auth" has both "header" and "query"',
  ],
  [
    "a refresh token that is nowhere",
    (c) => Object.assign(c, { auth: { type: "oauth2", grant: "refreshToken", tokenUrl: "/token", clientAuth: "none" } }),
    "connector.authLacks",
    "/auth/refreshToken",
    '"auth" has no "refreshToken", which grant "refreshToken" needs',
  ],
  [
    "a client without a secret",
    (c) =>
      Object.assign(c, {
        auth: {
          type: "oauth2",
          grant: "clientCredentials",
          tokenUrl: "/t",
          clientAuth: "basic",
          clientId: "{{ config.account }}",
        },
      }),
    "connector.authLacks",
    "/auth/clientSecret",
    '"auth" has no "clientSecret", which clientAuth "basic" needs',
  ],
  [
    "a token read by an expression that cannot be read",
    (c) =>
      Object.assign(c, {
        auth: { type: "oauth2", grant: "clientCredentials", tokenUrl: "/t", clientAuth: "none", token: "(((" },
      }),
    "expression.invalid",
    "/auth/token",
    '"auth/token" is an expression that cannot be read',
  ],
  [
    "a proof made of what is not known there",
    (c) =>
      Object.assign(c, {
        auth: {
          type: "oauth2",
          grant: "clientCredentials",
          tokenUrl: "/t",
          clientAuth: "none",
          place: { headers: { "x-token": "{{ tokne }}" } },
        },
      }),
    "connector.unknownPath",
    "/auth/place/headers/x-token",
    'reads "tokne"',
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
    "a login with a secret that does not exist",
    (c) =>
      Object.assign(c, {
        auth: {
          type: "session",
          login: { method: "POST", path: "/login", body: { params: { password: "{{ secrets.kye }}" } } },
          token: "body.token",
          lifetimeSeconds: 60,
          place: { headers: { cookie: "{{ token }}" } },
        },
      }),
    "connector.unknownSetting",
    "/auth/login/body/params/password",
    '"kye"',
  ],
  [
    "two servers and no setting that chooses",
    (c) => Object.assign(c, { baseUrl: { production: "https://a.example", sandbox: "https://b.example" } }),
    "connector.noServer",
    "/connection/properties/server",
    '"baseUrl" names several servers',
  ],
  [
    "a sunset that is no day",
    (c) => Object.assign(c, { lifecycle: { state: "live", sunset: "2027-02-40" } }),
    "connector.noDay",
    "/lifecycle/sunset",
    'is "2027-02-40", which is no day',
  ],
  [
    "auth without what its kind needs",
    (c) => Object.assign(c, { auth: { type: "basic", username: "{{ config.account }}" } }),
    "schema.required",
    "/auth/password",
    'The connector: "auth" has no "password"',
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
    (c) => Object.assign(c.operations, { "create-order": webhook() }),
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
    "a secret that the connection does not have",
    (c) => Object.assign(c, { auth: { type: "bearer", token: "{{ secrets.kye }}" } }),
    "connector.unknownSetting",
    "/auth/token",
    'Did you mean "key"?',
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
    "a bad hint of what is left",
    (c) => Object.assign(c.limits, { hint: { type: "cost", cost: "(((", available: "1", perSecond: "1" } }),
    "expression.invalid",
    "/limits/hint/cost",
    "Expected ).",
  ],
  [
    "idempotency by key without header",
    (c) => Object.assign(c.operations.createOrder, { idempotency: { mode: "key" } }),
    "connector.idempotency",
    "/operations/createOrder/idempotency/header",
    '"header"',
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
    "a sample that is not there",
    (c) => Object.assign(c.operations.orderCreated, { samples: ["odrer.json"] }),
    "connector.noSample",
    "/operations/orderCreated/samples/0",
    'Did you mean "order.json"?',
  ],
];

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
