import { expect, test } from "vitest";
import { validateConnector } from "./connector.ts";
import { connector, context, type Draft } from "./connectorDraft.fixture.ts";

/** Mistakes with several hosts, and with what an answer says of each document. */
const cases: [string, (draft: Draft) => unknown, string, string, string][] = [
  [
    "a batch of what must not be sent twice",
    (c) => Object.assign(c.operations.createOrder, { items: { list: "orders", key: "id", results: "body", good: "ok" } }),
    "connector.itemsNotNatural",
    "/operations/createOrder/items/list",
    'sends many documents at once ("items" has a "list"), but its idempotency is not "natural"',
  ],
  [
    "results that do not say which of them are good",
    (c) => Object.assign(c.operations.createOrder, { items: { key: "id", results: "body.results" } }),
    "schema.required",
    "/operations/createOrder/items/good",
    '"items" has no "good"',
  ],
  [
    "results that cannot be told apart, for their expression cannot be read",
    (c) => Object.assign(c.operations.createOrder, { items: { key: "id", results: "body", of: "(((", good: "ok" } }),
    "expression.invalid",
    "/operations/createOrder/items/of",
    '"items/of" is an expression that cannot be read',
  ],
  [
    "a rule for a result whose message cannot be read",
    (c) => {
      const errors = [{ class: "rejected", message: "(((" }];
      Object.assign(c.operations.createOrder, { items: { key: "id", results: "body", good: "ok", errors } });
    },
    "expression.invalid",
    "/operations/createOrder/items/errors/0/message",
    "is an expression that cannot be read",
  ],
  [
    "a request below a base URL that is not there",
    (c) => Object.assign(c, { baseUrls: { money: "https://b.example" }, test: { base: "monney", path: "/me" } }),
    "connector.unknownBase",
    "/test/base",
    'names the base URL "monney", which "baseUrls" does not have',
  ],
  [
    "a base URL below which nothing goes",
    (c) => Object.assign(c, { baseUrls: { money: "https://b.example" } }),
    "connector.unusedBase",
    "/baseUrls/money",
    'no request goes below the base URL "money"',
  ],
  [
    "a further base URL made of a setting that is not there",
    (c) => {
      Object.assign(c, { baseUrls: { money: "https://{{ config.acount }}.example" } });
      Object.assign(c.operations.createOrder.request, { base: "money" });
    },
    "connector.unknownSetting",
    "/baseUrls/money",
    '"acount"',
  ],
];

test.each(cases)("one sentence for %s", (_name, edit, code, pointer, says) => {
  const draft = connector();
  edit(draft);
  const problems = validateConnector(draft, context);
  expect(problems.map((problem) => [problem.code, problem.pointer])).toEqual([[code, pointer]]);
  expect(`${problems[0]?.message} ${problems[0]?.hint ?? ""}`).toContain(says);
});
