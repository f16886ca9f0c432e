import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ConnectorAuth } from "#schemas/auth.ts";
import type { Connector } from "#schemas/connector.ts";
import { evaluateExpression } from "../../expression/expression.ts";
import { bookConnector, sampleClock } from "../../sample.fixture.ts";
import { type CredentialAnswer, credentialFingerprint } from "./credential.ts";
import { authCredential, saysRenew } from "./obtainables.ts";

const evaluate = (text: string, input: unknown) =>
  evaluateExpression(text, input, { clock: sampleClock, salt: "", variables: {} });

const config = { baseUrl: "https://erp.example", scope: "orders items" };
const secrets = { id: "s6BhdRkqt3", secret: "gX1fBat3bV", refresh: "tGzv3JOkF0XG5Qx2TlKWIA", password: "p w" };

const obtainable = (auth: ConnectorAuth, more: object = {}) => {
  const found = authCredential({ ...bookConnector, auth }, { config: { ...config, ...more }, secrets });
  if (!found) throw new Error("Nothing is to be obtained.");
  return found;
};

const oauth2 = (more: object = {}): ConnectorAuth => ({
  type: "oauth2",
  grant: "refreshToken",
  tokenUrl: "https://server.example/token",
  clientAuth: "basic",
  clientId: "{{ secrets.id }}",
  clientSecret: "{{ secrets.secret }}",
  refreshToken: "{{ secrets.refresh }}",
  ...more,
});

const answer = (status: number, body: unknown, more: Partial<CredentialAnswer> = {}): CredentialAnswer => ({
  status,
  headers: {},
  setCookies: [],
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...more,
});

describe("a request for a token", () => {
  it("is the one that RFC 6749 shows in section 6", async () => {
    const request = await obtainable(oauth2()).request({});
    expect(request).toMatchObject({
      method: "POST",
      url: "https://server.example/token",
      headers: { authorization: "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA",
    });
    expect((await obtainable(oauth2()).request({ refreshToken: "rotated" })).body).toContain("refresh_token=rotated");
  });

  it("takes scope, more fields, headers, JSON and the client in the body", async () => {
    const auth = oauth2({
      grant: "clientCredentials",
      tokenUrl: "/v3/token",
      clientAuth: "body",
      scope: "{{ config.scope }}",
      params: { user_login_id: "7" },
      headers: { "WM_SVC.NAME": "Walmart Marketplace" },
      body: "json",
    });
    const { url, headers, body } = await obtainable(auth).request({});
    expect([url, headers["WM_SVC.NAME"], JSON.parse(body ?? "")]).toEqual([
      "https://erp.example/v3/token",
      "Walmart Marketplace",
      {
        grant_type: "client_credentials",
        scope: "orders items",
        client_id: "s6BhdRkqt3",
        client_secret: "gX1fBat3bV",
        user_login_id: "7",
      },
    ]);
  });

  it("goes to the server that the connection names", async () => {
    const proxied = obtainable(oauth2(), { tokenUrl: "http://127.0.0.1:9/token" });
    expect((await proxied.request({})).url).toBe("http://127.0.0.1:9/token");
    const auth = oauth2({ tokenUrl: { production: "https://api.example/token", sandbox: "https://sandbox.example/token" } });
    expect((await obtainable(auth).request({})).url).toBe("https://api.example/token");
    expect((await obtainable(auth, { server: "sandbox" }).request({})).url).toBe("https://sandbox.example/token");
  });

  it.each([
    ["RS256", generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ["PS256", generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ["ES256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
  ] as const)("carries an assertion signed by %s", async (algorithm, { privateKey, publicKey }) => {
    const auth = oauth2({
      grant: "clientCredentials",
      clientAuth: "assertion",
      assertion: {
        algorithm,
        key: "{{ secrets.pem }}",
        keyId: "k1",
        claims: { iss: "{{ secrets.id }}", aud: "{{ tokenUrl }}", scope: ["rest_webservices"] },
      },
    });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const found = authCredential({ ...bookConnector, auth }, { config, secrets: { ...secrets, pem } });
    const fields = new URLSearchParams((await found?.request({}))?.body ?? "");
    expect(fields.get("client_assertion_type")).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    const [head = "", claims = "", signature = ""] = (fields.get("client_assertion") ?? "").split(".");
    const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
    expect(read(head)).toEqual({ alg: algorithm, typ: "JWT", kid: "k1" });
    expect(read(claims)).toMatchObject({ iss: "s6BhdRkqt3", aud: "https://server.example/token", scope: ["rest_webservices"] });
    expect(Number(read(claims).exp) - Number(read(claims).iat)).toBe(300);
    const key = {
      key: createPublicKey(publicKey.export({ type: "spki", format: "pem" })),
      ...(algorithm === "PS256" ? { padding: 6, saltLength: 32 } : {}),
      ...(algorithm === "ES256" ? { dsaEncoding: "ieee-p1363" as const } : {}),
    };
    expect(verify("sha256", Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, "base64url"))).toBe(true);
  });

  it("never shows a piece of a key that cannot be read", async () => {
    const assertion = { algorithm: "RS256", key: "{{ secrets.password }}", claims: {} };
    await expect(obtainable(oauth2({ clientAuth: "assertion", assertion })).request({})).rejects.toThrow(
      "The connection's private key is no PEM text (PKCS #8) of a key for RS256.",
    );
  });
});

describe("an answer with a token", () => {
  const at = Date.parse("2026-03-01T12:00:00Z");
  const read = (auth: ConnectorAuth, given: CredentialAnswer) => obtainable(auth).read(given, at, evaluate);

  it("is read, with its end and a rotated refresh token", async () => {
    const given = answer(200, { access_token: "2YotnFZFEjr1zCsicMWpAA", expires_in: 3600, refresh_token: "next" });
    expect(await read(oauth2(), given)).toEqual({
      ok: true,
      credential: { token: "2YotnFZFEjr1zCsicMWpAA", cookies: "", goodUntil: at + 3_540_000, refreshToken: "next" },
    });
    const short = await read(oauth2(), answer(200, { access_token: "a", expires_in: "20" }));
    expect(short).toMatchObject({ credential: { goodUntil: at + 10_000 } });
    const silent = await read(oauth2({ lifetimeSeconds: 1_000 }), answer(200, { access_token: "a" }));
    expect(silent).toMatchObject({ credential: { goodUntil: at + 940_000 } });
  });

  it.each([
    [
      answer(400, { error: "invalid_grant", error_description: "Expired." }),
      "auth",
      "Book gave no token (status 400): invalid_grant: Expired.",
    ],
    [answer(401, { error: "invalid_client" }), "auth", "Book gave no token (status 401): invalid_client."],
    [answer(400, { error: "temporarily_unavailable" }), "transient", "Book gave no token (status 400): temporarily_unavailable."],
    [answer(503, "busy"), "transient", "Book gave no token (status 503): busy."],
    [answer(429, "", { headers: { "retry-after": "7" } }), "rateLimited", "Book gave no token (status 429)."],
    [answer(200, { token: "elsewhere" }), "auth", "Book answered the request for a token with status 200, but without one."],
  ])("that is none has a class and a sentence (%#)", async (given, kind, message) => {
    const failed = await read(oauth2(), given);
    expect(failed).toMatchObject({ ok: false, class: kind, reason: { message } });
    if (kind === "rateLimited") expect(failed).toHaveProperty("retryAfterMs", 7_000);
    expect(JSON.stringify(failed)).not.toContain("elsewhere");
  });
});

describe("a session", () => {
  const session: ConnectorAuth = {
    type: "session",
    login: {
      method: "POST",
      path: "/login",
      body: { params: { login: "{{ config.scope }}", password: "{{ secrets.password }}", n: 1 } },
    },
    token: "$base64encode('x:' & cookies.sid)",
    lifetimeSeconds: 600,
    renewOn: [{ status: [401] }, { status: [200], when: "body.error.code = 100" }],
    place: { headers: { cookie: "sid={{ token }}" } },
  };

  it("begins with the login that is declared, and is proven by what the answer gives", async () => {
    const { url, body } = await obtainable(session).request({});
    expect([url, body]).toEqual(["https://erp.example/login", '{"params":{"login":"orders items","password":"p w","n":1}}']);
    const given = answer(200, {}, { setCookies: ["sid=abc=; Path=/; HttpOnly", "lang=en"] });
    const found = await obtainable(session).read(given, 0, evaluate);
    expect(found).toMatchObject({ credential: { token: "eDphYmM9", cookies: "sid=abc=; lang=en", goodUntil: 600_000 } });
  });

  it("has ended when an answer says so", async () => {
    const { renewOn } = obtainable(session);
    const says = (status: number, body: unknown) => saysRenew(renewOn, { status, headers: {}, body }, evaluate);
    expect(await says(200, { error: { code: 100 } })).toBe(true);
    expect(await says(200, { result: 1 })).toBe(false);
    expect(await says(401, null)).toBe(true);
    expect(await says(500, { error: { code: 100 } })).toBe(false);
  });
});

describe("what a credential was given for", () => {
  it("is told by the settings and secrets that the auth reads, and no other", () => {
    const connector: Connector = { ...bookConnector, auth: oauth2({ scope: "{{ config.scope }}" }) };
    const of = (moreConfig: object, moreSecrets: object) =>
      credentialFingerprint(connector, { config: { ...config, ...moreConfig }, secrets: { ...secrets, ...moreSecrets } });
    expect(of({ customer: "7" }, { other: "x" })).toBe(of({}, {}));
    for (const changed of [of({ scope: "all" }, {}), of({}, { secret: "new" }), of({ baseUrl: "https://b" }, {})]) {
      expect(changed).not.toBe(of({}, {}));
    }
  });
});
