import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import type { WebhookVerification } from "#schemas/sourceOperation.ts";
import { evaluateExpression } from "../expression/expression.ts";
import { bookConnector, sampleClock, shopConnector } from "../sample.fixture.ts";
import { authorize, type Means } from "./authorize.ts";
import { baseUrl, systemAccount } from "./connection.ts";
import { verifyWebhook } from "./verifyWebhook.ts";
import { intakeKeys } from "./webhook.ts";

const context = {
  config: { account: "acme" },
  secrets: { token: "t0p", signing: "s3cret", key: "ck", secret: "cs", tk: "tk", ts: "ts" },
};
const request = { method: "GET", url: "https://erp.example/a?b=c%20d&a=1", headers: {}, body: null };
const means: Means = {
  moment: { now: new Date("2026-03-01T12:00:00Z"), uuid: "u-1" },
  evaluate: (text, input) => evaluateExpression(text, input, { clock: sampleClock, salt: "", variables: {} }),
};
const proofOf = (auth: Connector["auth"], more: Partial<Means> = {}) =>
  authorize({ ...bookConnector, auth }, context, request, { ...means, ...more });
const headersOf = async (auth: Connector["auth"]) => (await proofOf(auth)).headers;

describe("authorize", () => {
  it("makes each kind of header", async () => {
    expect(await headersOf({ type: "none" })).toEqual({});
    expect(await headersOf({ type: "apiKey", header: "x-key", value: "{{ secrets.token }}" })).toEqual({ "x-key": "t0p" });
    expect(await headersOf({ type: "bearer", token: "{{ secrets.token }}" })).toEqual({ authorization: "Bearer t0p" });
    expect(await headersOf({ type: "basic", username: "{{ config.account }}", password: "{{ secrets.token }}" })).toEqual({
      authorization: "Basic YWNtZTp0MHA=",
    });
  });

  it("signs OAuth 1.0a as RFC 5849 says, with a nonce of its own each time", async () => {
    const auth: Connector["auth"] = {
      type: "oauth1",
      signature: "HMAC-SHA256",
      realm: "{{ config.account }}",
      consumerKey: "{{ secrets.key }}",
      consumerSecret: "{{ secrets.secret }}",
      token: "{{ secrets.tk }}",
      tokenSecret: "{{ secrets.ts }}",
    };
    const header = (await headersOf(auth)).authorization ?? "";
    const field = (name: string) => decodeURIComponent(new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? "");
    expect(header.startsWith('OAuth realm="acme"')).toBe(true);
    const parameters = [
      "a=1",
      "b=c%20d",
      "oauth_consumer_key=ck",
      `oauth_nonce=${field("oauth_nonce")}`,
      "oauth_signature_method=HMAC-SHA256",
      `oauth_timestamp=${field("oauth_timestamp")}`,
      "oauth_token=tk",
      "oauth_version=1.0",
    ].join("&");
    const base = `GET&${encodeURIComponent("https://erp.example/a")}&${encodeURIComponent(parameters)}`;
    expect(field("oauth_signature")).toBe(createHmac("sha256", "cs&ts").update(base).digest("base64"));
    expect(Math.abs(Number(field("oauth_timestamp")) - Date.now() / 1000)).toBeLessThan(60);
    expect((await headersOf(auth)).authorization).not.toBe(header);
  });

  it("puts a key into the address, and a token where the connector says", async () => {
    expect(await proofOf({ type: "apiKey", query: "key", value: "{{ secrets.token }}" })).toEqual({
      headers: {},
      query: { key: "t0p" },
    });
    const oauth2: Connector["auth"] = { type: "oauth2", grant: "clientCredentials", tokenUrl: "/token", clientAuth: "none" };
    expect(await proofOf(oauth2, { token: "at" })).toEqual({ headers: { authorization: "Bearer at" }, query: {} });
    const walmart = { headers: { "WM_SEC.ACCESS_TOKEN": "{{ token }}", "WM_QOS.CORRELATION_ID": "{{ uuid }}" } };
    expect((await proofOf({ ...oauth2, place: walmart }, { token: "at" })).headers).toEqual({
      "WM_SEC.ACCESS_TOKEN": "at",
      "WM_QOS.CORRELATION_ID": "u-1",
    });
    await expect(proofOf(oauth2)).rejects.toThrow("No token was obtained.");
  });

  it("says what the connection lacks", async () => {
    await expect(headersOf({ type: "bearer", token: "{{ secrets.missing }}" })).rejects.toThrow(
      "The connection lacks secrets.missing.",
    );
  });
});

describe("a connection", () => {
  it("tells account and address from its config", () => {
    expect(systemAccount(shopConnector, { account: "acme" })).toBe("acme");
    expect(() => systemAccount(shopConnector, {})).toThrow("The connection lacks config.account.");
    expect(baseUrl({ ...bookConnector, baseUrl: "https://{{ config.host }}/" }, { host: "h" })).toBe("https://h");
    expect(baseUrl(bookConnector, { baseUrl: "http://127.0.0.1:1/x//" })).toBe("http://127.0.0.1:1/x");
    expect(() => baseUrl(bookConnector, {})).toThrow("lacks config.baseUrl");
  });

  it("goes to production unless its settings say otherwise", () => {
    const two = {
      ...bookConnector,
      baseUrl: { production: "https://api.example", sandbox: "https://sandbox.{{ config.account }}.example" },
    };
    expect(baseUrl(two, {})).toBe("https://api.example");
    expect(baseUrl(two, { server: "sandbox", account: "acme" })).toBe("https://sandbox.acme.example");
    expect(baseUrl(two, { server: "sandbox", baseUrl: "http://127.0.0.1:1/x/" })).toBe("http://127.0.0.1:1/x");
    expect(() => baseUrl(two, { server: "test" })).toThrow('The connection\'s setting "server" is "test"');
  });
});

describe("verifyWebhook", () => {
  const body = new TextEncoder().encode('{"id": 1}');
  const verification = (change: object = {}): WebhookVerification => ({
    type: "hmac",
    algorithm: "sha256",
    encoding: "base64",
    header: "X-Signature",
    secret: "{{ secrets.signing }}",
    ...change,
  });
  const sign = (bytes: Uint8Array, encoding: "base64" | "hex" = "base64", secret = "s3cret") =>
    createHmac("sha256", secret).update(bytes).digest(encoding);

  it("takes the right signature over the raw bytes and no other", () => {
    expect(verifyWebhook(verification(), context, { "x-signature": sign(body) }, body)).toEqual({ ok: true });
    expect(
      verifyWebhook(
        verification({ encoding: "hex", prefix: "sha256=" }),
        context,
        { "x-signature": `sha256=${sign(body, "hex").toUpperCase()}` },
        body,
      ),
    ).toEqual({ ok: true });
    for (const wrong of [sign(body, "base64", "other"), sign(body, "hex"), `${sign(body)}=`, sign(body).replace(/=$/, ""), "x"]) {
      expect(verifyWebhook(verification(), context, { "x-signature": wrong }, body).ok).toBe(false);
    }
    expect(verifyWebhook(verification(), context, {}, body)).toEqual({
      ok: false,
      why: "signatureMissing",
      header: "X-Signature",
    });
    expect(verifyWebhook(verification({ prefix: "sha256=" }), context, { "x-signature": sign(body) }, body).ok).toBe(false);
    expect(verifyWebhook({ type: "none" }, context, {}, body)).toEqual({ ok: true });
  });

  it("notices any change of any byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
        const changed = Uint8Array.from(bytes);
        const index = at % bytes.length;
        changed[index] = (changed[index] ?? 0) ^ change;
        expect(verifyWebhook(verification(), context, { "x-signature": sign(bytes) }, bytes).ok).toBe(true);
        expect(verifyWebhook(verification(), context, { "x-signature": sign(bytes) }, changed).ok).toBe(false);
      }),
    );
  });

  it("does not accept anything while the secret is missing", () => {
    expect(() =>
      verifyWebhook(verification(), { config: {}, secrets: {} }, { "x-signature": sign(body, "base64", "") }, body),
    ).toThrow("The connection lacks secrets.signing.");
  });
});

describe("intakeKeys", () => {
  const operation = shopConnector.operations.orderCreated;
  if (operation?.transport !== "webhook") throw new Error("The sample shop has no webhook.");

  it("takes the first candidate that is there", () => {
    const body = { id: "820982911946154508", updated_at: "2026-03-01T00:00:00Z" };
    expect(intakeKeys(operation, { headers: { "x-event-id": "e-1" }, body })).toEqual({
      dedupeKey: "e-1",
      documentKey: "820982911946154508",
      documentVersion: "2026-03-01T00:00:00Z",
    });
    expect(intakeKeys(operation, { headers: {}, body }).dedupeKey).toBe("order-820982911946154508");
  });

  it("gives null for what is not there", () => {
    for (const body of [null, [], "text", { id: {} }]) {
      expect(intakeKeys(operation, { headers: {}, body })).toEqual({ dedupeKey: null, documentKey: null, documentVersion: null });
    }
  });
});
