import { expect, test } from "vitest";
import type { Subscription } from "../subscription.ts";
import { validateConnector } from "./connector.ts";
import { connector, context, type Draft } from "./connectorDraft.fixture.ts";

const subscription = (): Subscription => ({
  topics: "['order.created', 'order.updated']",
  list: { method: "GET", path: "/webhooks" },
  page: { type: "number", first: 1, size: 100, most: 50 },
  found: "body",
  id: "id",
  address: "url",
  topic: "topic",
  current: "active",
  expiresAt: "ends_at",
  create: { method: "POST", path: "/webhooks", body: "{ 'url': $address, 'topic': $topic }" },
  renew: { method: "PUT", path: "/webhooks/{{ id }}", body: "{ 'url': $address }" },
  delete: { method: "DELETE", path: "/webhooks/{{ id }}" },
  proof: { at: "/secret", value: "{{ secrets.hook }}" },
});

const subscribing = (change: Record<string, unknown>) => (draft: Draft) =>
  Object.assign(draft.operations.orderCreated, { subscription: { ...subscription(), ...change } });

const cases: [string, (draft: Draft) => unknown, string, string, string][] = [
  [
    "a subscription that is asked for and never made",
    subscribing({ create: undefined }),
    "schema.required",
    "/operations/orderCreated/subscription/create",
    '"create"',
  ],
  [
    "subscriptions that cannot be told apart",
    subscribing({ id: "(((" }),
    "expression.invalid",
    "/operations/orderCreated/subscription/id",
    '"subscription/id" is an expression that cannot be read',
  ],
  [
    "an address that nobody is told",
    subscribing({ create: { method: "POST", path: "/webhooks", body: "{ 'topic': $topic }" } }),
    "connector.addressUntold",
    "/operations/orderCreated/subscription/create",
    "does not tell the system where to send",
  ],
  [
    "topics that are not found again",
    subscribing({ topic: undefined }),
    "connector.topicUntold",
    "/operations/orderCreated/subscription/topic",
    'has "topics", but no "topic"',
  ],
  [
    "a renewal of what never ends",
    subscribing({ expiresAt: undefined }),
    "connector.neverEnds",
    "/operations/orderCreated/subscription/renew",
    'has "renew", but no "expiresAt"',
  ],
  [
    "a proof without a body to put it into",
    subscribing({ create: { method: "POST", path: "/webhooks", query: { url: "{{ $address }}" } } }),
    "connector.proofNowhere",
    "/operations/orderCreated/subscription/proof",
    'goes into a JSON body, but "create" has none',
  ],
  [
    "a proof that the connection does not have",
    subscribing({ proof: { at: "/secret", value: "{{ secrets.hok }}" } }),
    "connector.unknownSetting",
    "/operations/orderCreated/subscription/proof/value",
    'Did you mean "hook"?',
  ],
  [
    "a proof out of the webhook",
    subscribing({ proof: { at: "/secret", value: "{{ body.secret }}" } }),
    "connector.unknownPath",
    "/operations/orderCreated/subscription/proof/value",
    "only config and secrets and address can be read there",
  ],
  [
    "a request below a base URL that is not there",
    subscribing({ list: { base: "hooks", method: "GET", path: "/webhooks" } }),
    "connector.unknownBase",
    "/operations/orderCreated/subscription/list/base",
    'names the base URL "hooks"',
  ],
  [
    "a token in two places",
    (c) =>
      Object.assign(c.operations.orderCreated, {
        verify: { type: "token", query: "token", body: "/token", secret: "{{ secrets.hook }}" },
      }),
    "connector.tokenPlace",
    "/operations/orderCreated/verify",
    'has both "query" and "body"',
  ],
  [
    "a secret that is given and verifies nothing",
    subscribing({ proof: undefined, secret: { at: "/secret", as: "key" } }),
    "connector.secretNowhere",
    "/operations/orderCreated/subscription/secret/as",
    "no signature is verified with that",
  ],
  [
    "a secret that is given and told",
    subscribing({ secret: { at: "/secret", as: "hook" } }),
    "connector.secretAndProof",
    "/operations/orderCreated/subscription/secret",
    "either gives what it signs with, or is told it",
  ],
  [
    "a token that whoever sends whole documents may leave out",
    (c) =>
      Object.assign(c.operations.orderCreated, {
        verify: { type: "token", query: "token", secret: "{{ secrets.hook }}", optional: true },
      }),
    "connector.openDoor",
    "/operations/orderCreated/verify/optional",
    "anybody could send a document",
  ],
  [
    "tokens for a base URL that is not there",
    (c) =>
      Object.assign(c, {
        auths: { seller: { type: "oauth2", grant: "refreshToken", tokenUrl: "/token", clientAuth: "none", refreshToken: "r" } },
      }),
    "connector.unknownBase",
    "/auths/seller",
    '"auths" names the base URL "seller"',
  ],
  [
    "tokens that nothing is given for",
    (c) =>
      Object.assign(c, { auths: { seller: { type: "oauth2", grant: "refreshToken", tokenUrl: "/token", clientAuth: "none" } } }),
    "connector.authLacks",
    "/auths/seller/refreshToken",
    'has no "refreshToken"',
  ],
  [
    "tokens by a secret that the connection does not have",
    (c) =>
      Object.assign(c, {
        auths: {
          seller: {
            type: "oauth2",
            grant: "refreshToken",
            tokenUrl: "/token",
            clientAuth: "none",
            refreshToken: "{{ secrets.hok }}",
          },
        },
      }),
    "connector.unknownSetting",
    "/auths/seller/refreshToken",
    'Did you mean "hook"?',
  ],
  [
    "a subscription where nothing can be asked",
    (c) => {
      subscribing({})(c);
      Reflect.deleteProperty(c.operations, "createOrder");
      c.baseUrl = undefined;
    },
    "connector.noBaseUrl",
    "/baseUrl",
    "sends requests",
  ],
];

test("a sound subscription has no problems", () => {
  const draft = connector();
  subscribing({})(draft);
  expect(validateConnector(JSON.parse(JSON.stringify(draft)), context)).toEqual([]);
});

test.each(cases)("names %s", (_what, change, code, pointer, words) => {
  const draft = connector();
  change(draft);
  const problems = validateConnector(JSON.parse(JSON.stringify(draft)), context);
  const found = problems.find((each) => each.code === code && each.pointer === pointer);
  expect(found, JSON.stringify(problems, null, 1)).toBeDefined();
  expect(`${found?.message} ${found?.hint}`).toContain(words);
});
