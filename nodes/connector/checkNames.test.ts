import { expect, test } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import { connector, type Draft } from "#schemas/validate/connectorDraft.fixture.ts";
import { connectorProblems } from "./check.ts";

/** A sound poll, for tests to break. */
const poll = () => ({
  kind: "source",
  transport: "poll",
  title: "Orders changed",
  summary: "Asks for orders.",
  request: { method: "GET", path: "/orders", query: { since: "{{ $since }}", until: "{{ $until }}", page: "{{ $page }}" } },
  records: "body.orders",
  page: { type: "number", first: 1, size: 50, most: 100 },
  delta: { field: "updated", overlapMs: 60_000, lookBackMs: 86_400_000, windowMs: 86_400_000 },
  dedupeKey: "id",
  documentKey: "$keyOf(shop, id)",
  intervalMs: 60_000,
  samples: [],
});

const draft = () => {
  const base = connector();
  return { ...base, operations: { ...base.operations, ordersChanged: poll() } };
};
type Polling = ReturnType<typeof draft>;

const files = { mappings: { "order.jsonata": "{ 'id': $orderKey($), 'shop': $connection.account }" }, samples: ["order.json"] };

test("a sound connector has no problems", () => expect(connectorProblems(draft() as unknown as Connector, files)).toEqual([]));

test("what an expression binds itself is known in it", () => {
  const body = "($f := function($x, $n) { $x & $n }; lines#$i.{ 'n': $i, 't': $map(parts, $f) }; $reduce(lines@$l.($l.n), $add))";
  const sound = draft();
  Object.assign(sound.operations.createOrder, { request: { method: "POST", path: "/orders", body } });
  expect(connectorProblems(sound as unknown as Connector, files)).toEqual([]);
});

test("a queue is asked the same again, without a page", () => {
  const queue = draft();
  const request = { method: "GET", path: "/messages", query: { since: "{{ $since }}", until: "{{ $until }}" } };
  Object.assign(queue.operations.ordersChanged, { request, acknowledge: { method: "DELETE", path: "/messages" } });
  expect(connectorProblems(queue as unknown as Connector, files)).toEqual([]);
});

test("a mapping that two operations share may read what either knows", () => {
  const shared = draft();
  const request = { method: "POST", path: "/orders", bodyFile: "both.jsonata" };
  Object.assign(shared.operations.createOrder, { request });
  Object.assign(shared.operations.ordersChanged, { request });
  const mappings = { "both.jsonata": "{ 'since': $since, 'until': $until, 'page': $page, 'key': $effectKey }" };
  expect(connectorProblems(shared as unknown as Connector, { ...files, mappings })).toEqual([]);
});

const ask = (c: Polling, query: object) =>
  Object.assign(c.operations.ordersChanged, { request: { method: "GET", path: "/orders", query } });
const request = (c: Draft, change: object) =>
  Object.assign(c.operations.createOrder, { request: { method: "POST", path: "/orders", body: "$", ...change } });

const cases: [string, (draft: Polling) => unknown, string, string, string][] = [
  [
    "a misspelt variable",
    (c) => ask(c, { since: "from {{ $sinse }}", also: "{{ $since }}", until: "{{ $until }}", page: "{{ $page }}" }),
    "expression.unknownVariable",
    "/operations/ordersChanged/request/query/since",
    '"request/query/since" reads $sinse, which is nothing there. Did you mean "$since"?',
  ],
  [
    "a variable that is known elsewhere",
    (c) => Object.assign(c.operations.createOrder, { documentKey: "$since" }),
    "expression.unknownVariable",
    "/operations/createOrder/documentKey",
    '"$config" and "$connection"',
  ],
  [
    "an unknown function",
    (c) => Object.assign(c.operations.createOrder, { success: "$exsits(body.id)" }),
    "expression.unknownFunction",
    "/operations/createOrder/success",
    "calls $exsits, which is no function. Did you mean $exists?",
  ],
  [
    "text run as code",
    (c) => Object.assign(c.operations.createOrder, { result: "$eval(body.code)" }),
    "expression.unknownFunction",
    "/operations/createOrder/result",
    "calls $eval, which is no function",
  ],
  [
    "a setting of the connection that is not there",
    (c) => request(c, { headers: { "x-account": "{{ $connection.acount }}" } }),
    "connector.unknownSetting",
    "/operations/createOrder/request/headers/x-account",
    'reads $connection.acount, a setting that the connection does not have. Did you mean "account"?',
  ],
  [
    "a secret in an expression",
    (c) => request(c, { body: "{ 'key': $connection.key }" }),
    "connector.unknownSetting",
    "/operations/createOrder/request/body",
    "a secret, which no expression sees",
  ],
  [
    "a setting of the node that is not there",
    (c) => request(c, { body: "{ 'size': $config.pageSize }" }),
    "connector.unknownSetting",
    "/operations/createOrder/request/body",
    "reads $config.pageSize, a setting that its config does not have",
  ],
  [
    "a page that is never asked for",
    (c) => ask(c, { since: "{{ $since }}", until: "{{ $until }}" }),
    "connector.pageUnused",
    "/operations/ordersChanged/page",
    "the first page again and again",
  ],
  [
    "a delta that no request uses",
    (c) => ask(c, { until: "{{ $until }}", page: "{{ $page }}" }),
    "connector.deltaUnused",
    "/operations/ordersChanged/delta",
    "neither $since nor $cursor",
  ],
  [
    "a window without an end",
    (c) => ask(c, { since: "{{ $since }}", page: "{{ $page }}" }),
    "connector.windowUnused",
    "/operations/ordersChanged/delta/windowMs",
    "never uses $until",
  ],
  [
    "a key that stays where a part of it is missing",
    (c) => Object.assign(c.operations.createOrder, { documentKey: "shop & ':' & $string(id)" }),
    "connector.keyJoined",
    "/operations/createOrder/documentKey",
    "Write $keyOf(one, another)",
  ],
  [
    "a path without its slash",
    (c) => request(c, { path: "orders" }),
    "connector.path",
    "/operations/createOrder/request/path",
    'does not begin with "/". Write "/orders".',
  ],
  [
    "a whole address in the place of a path",
    (c) => Object.assign(c, { test: { path: "https://api.example.com/me" } }),
    "connector.path",
    "/test/path",
    'Put the host into "baseUrl"',
  ],
  [
    "a required setting that is not there",
    (c) => Object.assign(c.connection, { required: ["acount"] }),
    "connector.requiredUnknown",
    "/connection/required/0",
    'Did you mean "account"?',
  ],
  [
    "two operations of one title",
    (c) => Object.assign(c.operations.ordersChanged, { title: "Create order" }),
    "connector.titleTwice",
    "/operations/ordersChanged/title",
    'as "createOrder" has',
  ],
  [
    "a page of no kind",
    (c) => Object.assign(c.operations.ordersChanged, { page: {} }),
    "schema.anyOf",
    "/operations/ordersChanged/page",
    '"page" must be of one of the kinds "value", "link", "url", "query", "offset" or "number"',
  ],
];

test.each(cases)("one sentence for %s", (_name, edit, code, pointer, says) => {
  const broken = draft();
  edit(broken);
  const problems = connectorProblems(broken, files);
  expect(problems.map((problem) => [problem.code, problem.pointer])).toEqual([[code, pointer]]);
  expect(`${problems[0]?.message} ${problems[0]?.hint ?? ""}`).toContain(says);
});
