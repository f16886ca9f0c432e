import { expect, test } from "vitest";
import { validateConnector } from "./connector.ts";
import { connector, context, type Draft } from "./connectorDraft.fixture.ts";

const migration = { config: "$", examples: [{ before: {}, after: {} }] };

const cases: [string, (draft: Draft) => unknown, string, string, string][] = [
  [
    "a sunset that is no day",
    (c) => Object.assign(c, { lifecycle: { state: "live", sunset: "2027-02-40" } }),
    "connector.noDay",
    "/lifecycle/sunset",
    'is "2027-02-40", which is no day',
  ],
  [
    "an operation's sunset that is no day",
    (c) => Object.assign(c.operations.orderCreated, { lifecycle: { sunset: "2027-02-40" } }),
    "connector.noDay",
    "/operations/orderCreated/lifecycle/sunset",
    'Operation "orderCreated": "lifecycle/sunset" is "2027-02-40"',
  ],
  [
    "a version that deprecates itself",
    (c) => Object.assign(c, { version: "1.2.0", lifecycle: { state: "live", deprecates: "1.10.0" } }),
    "connector.deprecatesItself",
    "/lifecycle/deprecates",
    "that is no older version of it",
  ],
  [
    "a migration to a version that is to come",
    (c) => Object.assign(c, { version: "1.2.0", migrations: { 2: { orderCreated: migration } } }),
    "connector.migrationAhead",
    "/migrations/2",
    "has a migration to version 2, but is version 1.2.0",
  ],
  [
    "a migration of an operation that is not there",
    (c) => Object.assign(c, { version: "2.0.0", migrations: { 2: { orderCreatd: migration } } }),
    "connector.unknownOperation",
    "/migrations/2/orderCreatd",
    'the operation "orderCreatd", which does not exist',
  ],
  [
    "a migration without an example",
    (c) => Object.assign(c, { version: "2.0.0", migrations: { 2: { orderCreated: { config: "$", examples: [] } } } }),
    "schema.minItems",
    "/migrations/2/orderCreated/examples",
    "",
  ],
  [
    "an operation in the place of one that is not there",
    (c) => Object.assign(c.operations.orderCreated, { lifecycle: { deprecates: { orderMade: migration } } }),
    "connector.unknownOperation",
    "/operations/orderCreated/lifecycle/deprecates/orderMade",
    'stands in the place of "orderMade", which does not exist',
  ],
  [
    "an operation in its own place",
    (c) => Object.assign(c.operations.orderCreated, { lifecycle: { deprecates: { orderCreated: migration } } }),
    "connector.deprecatesItself",
    "/operations/orderCreated/lifecycle/deprecates/orderCreated",
    "of itself",
  ],
  [
    "an operation in whose place two stand",
    (c) => {
      const replaces = { lifecycle: { deprecates: { orderMade: migration } } };
      const { orderCreated } = c.operations;
      Object.assign(c.operations, {
        orderMade: { ...orderCreated, title: "Made" },
        orderKnown: { ...orderCreated, title: "Known", ...replaces },
      });
      return Object.assign(c.operations, { orderCreated: { ...orderCreated, ...replaces } });
    },
    "connector.deprecatedTwice",
    "/operations/orderKnown/lifecycle/deprecates/orderMade",
    'and so does "orderCreated"',
  ],
  [
    "a source in the place of a sink",
    (c) => Object.assign(c.operations.orderCreated, { lifecycle: { deprecates: { createOrder: migration } } }),
    "connector.otherKind",
    "/operations/orderCreated/lifecycle/deprecates/createOrder",
    "which is of another kind",
  ],
];

test.each(cases)("one sentence for %s", (_name, edit, code, pointer, says) => {
  const draft = connector();
  edit(draft);
  const problems = validateConnector(draft, { ...context, mappings: { "order.jsonata": "$" } });
  expect(problems.map((problem) => [problem.code, problem.pointer])).toEqual([[code, pointer]]);
  expect(problems[0]?.message).toContain(says);
});

test("a connector with a migration and an operation in the place of another is sound", () => {
  const { orderCreated, createOrder } = connector().operations;
  const draft = {
    ...connector(),
    version: "2.1.0",
    lifecycle: { state: "live", deprecates: "1.9.0", sunset: "2027-03-31" },
    migrations: { 2: { orderCreated: migration } },
    operations: {
      createOrder,
      orderMade: { ...orderCreated, title: "Order made", lifecycle: { apiVersion: "v0", sunset: "2027-03-31" } },
      orderCreated: { ...orderCreated, lifecycle: { deprecates: { orderMade: migration } } },
    },
  };
  expect(validateConnector(draft, { ...context, mappings: { "order.jsonata": "$" } })).toEqual([]);
});
