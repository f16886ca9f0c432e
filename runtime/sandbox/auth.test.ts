import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import { bookConnector, sampleClock } from "#nodes/sample.fixture.ts";
import { httpPerformer } from "#runtime/engine/perform.ts";
import { openWire, type Wire } from "#runtime/engine/wire.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { openConnections, putConnection } from "#runtime/store/connections.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import { openTokens } from "#runtime/tokens/tokens.ts";
import type { Connector } from "#schemas/connector.ts";
import { type RunningSandbox, startSandbox } from "./server.ts";

const oauth2 = { type: "oauth2", clientId: "{{ config.client }}", clientSecret: "{{ secrets.secret }}" } as const;
const assertion = { algorithm: "ES256", key: "{{ secrets.key }}", claims: { aud: "{{ tokenUrl }}" } } as const;
const basic = { type: "basic", username: "{{ config.client }}", password: "{{ secrets.secret }}" } as const;

/** Every kind of auth that a connector can declare. */
const kinds: Record<string, Pick<Connector, "auth" | "csrf" | "messageSignature">> = {
  "key-in-header": { auth: { type: "apiKey", header: "X-Key", value: "{{ secrets.secret }}" } },
  "key-in-query": { auth: { type: "apiKey", query: "key", value: "{{ secrets.secret }}" } },
  bearer: { auth: { type: "bearer", token: "{{ secrets.secret }}" } },
  basic: { auth: basic },
  oauth1: {
    auth: {
      type: "oauth1",
      signature: "HMAC-SHA256",
      realm: "{{ config.client }}",
      consumerKey: "{{ config.client }}",
      consumerSecret: "{{ secrets.secret }}",
      token: "token",
      tokenSecret: "{{ secrets.secret }}",
    },
  },
  "client-credentials": { auth: { ...oauth2, grant: "clientCredentials", tokenUrl: "/token", clientAuth: "basic" } },
  "refresh-token": {
    auth: {
      ...oauth2,
      grant: "refreshToken",
      tokenUrl: "/token",
      clientAuth: "body",
      body: "json",
      refreshToken: "{{ secrets.secret }}",
      place: { headers: { "x-amz-access-token": "{{ token }}" } },
    },
  },
  "jwt-bearer": { auth: { ...oauth2, grant: "jwtBearer", tokenUrl: "/token", clientAuth: "none", assertion } },
  "client-assertion": { auth: { ...oauth2, grant: "clientCredentials", tokenUrl: "/token", clientAuth: "assertion", assertion } },
  session: {
    auth: {
      type: "session",
      login: { method: "POST", path: "/login", body: { user: "{{ config.client }}", password: "{{ secrets.secret }}" } },
      token: "body.session",
      lifetimeSeconds: 600,
      place: { headers: { authorization: "Session {{ token }}" } },
    },
  },
  csrf: { auth: basic, csrf: { path: "/orders", header: "X-CSRF-Token", lifetimeSeconds: 600 } },
  "message-signature": {
    auth: { type: "none" },
    messageSignature: {
      key: "{{ secrets.key }}",
      headers: { "x-key": "{{ secrets.secret }}" },
      components: ["content-digest", "content-type", "x-key", "@method", "@target-uri"],
      digest: "sha-512",
    },
  },
  hmac: {
    auth: {
      type: "hmac",
      algorithm: "sha512",
      encoding: "base64",
      key: "{{ secrets.secret }}",
      string: "$join([method, path, $string(timestamp), uuid, bodySha256], '\n')",
      place: { headers: { "x-time": "{{ timestamp }}", "x-nonce": "{{ uuid }}", "x-signature": "{{ signature }}" } },
    },
  },
  "aws-sigv4": {
    auth: {
      type: "awsSigV4",
      accessKeyId: "{{ config.client }}",
      secretAccessKey: "{{ secrets.secret }}",
      region: "eu-west-1",
      service: "sqs",
    },
  },
};

const simulator: Connector["simulator"] = {
  routes: [
    { method: "POST", path: "/login", respond: { status: 200, body: "{ 'session': 'a session of ' & body.user }" } },
    { method: "GET", path: "/orders", respond: { status: 200, body: "{ 'orders': [] }" } },
    {
      method: "POST",
      path: "/orders",
      refuse: [{ when: "$exists(signatureFault)", status: 401, body: "{ 'error': signatureFault }" }],
      respond: { status: 201, body: "body" },
    },
  ],
};

const connectorOf = (kind: string): Connector => ({ ...bookConnector, simulator, ...kinds[kind] }) as Connector;

const config = { client: "northwind" };
const key = () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const secrets = { secret: "a secret & more", key: key() };

let folder: string;
let sandbox: RunningSandbox;
let store: Store;
let wire: Wire;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-auth-"));
  const connections = Object.keys(kinds).map((name) => ({ name, connector: connectorOf(name), config, secrets }));
  sandbox = await startSandbox({ data: folder, connections });
  store = await openStore();
  wire = openWire(openReaches(["loopback"]));
});
afterAll(async () => {
  await wire.close();
  await sandbox.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Sends an order to the system of that kind, and answers what became of it. */
async function send(kind: string, name: string, known: Record<string, string>) {
  const { db, box } = store;
  const evaluate = (text: string, input: unknown) =>
    evaluateExpression(text, input, { clock: sampleClock, salt: "", variables: {} });
  const http = httpPerformer({ wire, evaluate, tokens: openTokens({ db, box, wire, evaluate }) });
  const id = await putConnection(
    db,
    box,
    {
      environment: "dev",
      name,
      connector: "book",
      connectorVersion: "1.0.0",
      systemAccount: name,
      config: { ...config, baseUrl: `http://127.0.0.1:${sandbox.port}/${kind}` },
      secrets: known,
      sandbox: true,
    },
    "test",
  );
  const [connection] = await openConnections(db, box, [id]);
  if (!connection) throw new Error("The connection was not made.");
  const request = {
    method: "POST",
    path: "/orders",
    query: { b: "c d", a: "1" },
    headers: {},
    body: { id: "ü1" },
    timeoutMs: 5_000,
  };
  return http.perform(connectorOf(kind), connection, request);
}

describe("each kind of auth", () => {
  it.each(Object.keys(kinds))("%s is let in by a system that checks it, and by no other secret", async (kind) => {
    expect(await send(kind, kind, secrets)).toMatchObject({ ok: true, response: { status: 201, body: '{"id":"ü1"}' } });
    const refused = await send(kind, `${kind}-wrong`, { secret: "another secret", key: key() });
    expect(refused.ok ? { class: refused.response.status } : refused.failure).toMatchObject({
      class: refused.ok ? 401 : "auth",
    });
    expect(JSON.stringify(refused)).not.toContain("another secret");
  });
});
