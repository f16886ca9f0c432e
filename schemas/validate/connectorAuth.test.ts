import { expect, test } from "vitest";
import { validateConnector } from "./connector.ts";
import { connector, context, type Draft } from "./connectorDraft.fixture.ts";

const signing = (draft: Draft, more: object) =>
  Object.assign(draft, { messageSignature: { key: "{{ secrets.key }}", components: ["@method"], ...more } });

const cases: [string, (draft: Draft) => unknown, string, string, string][] = [
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
    "a signature over a header that is never sent",
    (c) => signing(c, { components: ["@method", "x-other"] }),
    "connector.signsNoHeader",
    "/messageSignature/components/1",
    '"messageSignature" signs the header "x-other", which its requests do not have',
  ],
  [
    "a signature over a part of the request that there is not",
    (c) => signing(c, { components: ["@verb"] }),
    "schema.pattern",
    "/messageSignature/components/0",
    "@verb",
  ],
  [
    "a header of a signature that it leaves out",
    (c) => signing(c, { headers: { "X-Key": "{{ secrets.key }}" } }),
    "connector.headerNotSigned",
    "/messageSignature/headers",
    '"messageSignature" sends the header "x-key", but does not sign it',
  ],
  [
    "a digest that is not signed",
    (c) => signing(c, { digest: "sha-512" }),
    "connector.digestNotSigned",
    "/messageSignature/digest",
    '"messageSignature" has a digest, but does not sign it',
  ],
  [
    "a signing key that everybody can read",
    (c) => signing(c, { key: "MC4CAQAwBQYDK2VwBCIEI" }),
    "connector.keyNotSecret",
    "/messageSignature/key",
    '"messageSignature" has a key that is no secret of the connection',
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
    "auth without what its kind needs",
    (c) => Object.assign(c, { auth: { type: "basic", username: "{{ config.account }}" } }),
    "schema.required",
    "/auth/password",
    'The connector: "auth" has no "password"',
  ],
  [
    "a secret that the connection does not have",
    (c) => Object.assign(c, { auth: { type: "bearer", token: "{{ secrets.kye }}" } }),
    "connector.unknownSetting",
    "/auth/token",
    'Did you mean "key"?',
  ],
  [
    "two servers of a further base URL and no setting that chooses",
    (c) => {
      Object.assign(c, { baseUrls: { money: { production: "https://a.example", sandbox: "https://b.example" } } });
      Object.assign(c.operations.createOrder.request, { base: "money" });
    },
    "connector.noServer",
    "/connection/properties/server",
    '"baseUrls/money" names several servers',
  ],
  [
    "a config that would fill in what a connection may do",
    (c) => Object.assign(c.operations.createOrder, { config: { properties: { token: { "x-fills": "/auth/token" } } } }),
    "connector.unfillable",
    "/operations/createOrder/config/properties/token/x-fills",
    "which no node may fill",
  ],
];

test.each(cases)("one sentence for %s", (_name, edit, code, pointer, says) => {
  const draft = connector();
  edit(draft);
  const problems = validateConnector(draft, { ...context, mappings: { "order.jsonata": "$" } });
  expect(problems.map((problem) => [problem.code, problem.pointer])).toEqual([[code, pointer]]);
  expect(`${problems[0]?.message} ${problems[0]?.hint ?? ""}`).toContain(says);
});
