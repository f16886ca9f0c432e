import { createHmac, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectorAuth } from "#schemas/auth.ts";
import { evaluateExpression } from "../../expression/expression.ts";
import { bookConnector, sampleClock } from "../../sample.fixture.ts";
import { authorize, type Means } from "../authorize.ts";
import type { RequestToAuthorize } from "./means.ts";

// The judge of OAuth 1.0a: the signing part of the `request` library. It has no types.
const { hmacsign256 } = createRequire(import.meta.url)("oauth-sign") as {
  hmacsign256(method: string, base: string, parameters: object, consumerSecret: string, tokenSecret: string): string;
};

const means = (now: string): Means => ({
  moment: { now: new Date(now), uuid: "00000000-0000-4000-8000-000000000000" },
  evaluate: (text, input) => evaluateExpression(text, input, { clock: sampleClock, salt: "", variables: {} }),
});

const proofOf = (auth: ConnectorAuth, request: Partial<RequestToAuthorize>, secrets: Record<string, string>, now: string) =>
  authorize(
    { ...bookConnector, auth },
    { config: { account: "1234567_SB1" }, secrets },
    { method: "GET", url: "https://erp.example/", headers: {}, body: null, ...request },
    means(now),
  );

describe("HMAC signing", () => {
  const auth = (more: object): ConnectorAuth => ({
    type: "hmac",
    algorithm: "sha256",
    encoding: "hex",
    key: "{{ secrets.key }}",
    string: "body",
    place: { headers: { "x-signature": "sha256={{ signature }}", "x-time": "{{ timestamp }}" } },
    ...more,
  });
  const sign = async (more: object, request: Partial<RequestToAuthorize>, key: string) =>
    (await proofOf(auth(more), request, { key }, "2026-03-01T12:00:00Z")).headers;

  it("gives the signatures that GitHub and RFC 4231 publish", async () => {
    expect(await sign({}, { method: "POST", body: "Hello, World!" }, "It's a Secret to Everybody")).toEqual({
      "x-signature": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      "x-time": "1772366400",
    });
    const sha512 = { algorithm: "sha512", place: { headers: { s: "{{ signature }}" } } };
    expect(await sign(sha512, { body: "what do ya want for nothing?" }, "Jefe")).toEqual({
      s: "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    });
  });

  it("signs the text that the connector makes of the request, with a key in any spelling", async () => {
    const string = "$join([method, path, $string(timestamp), query.b, headers.'x-shop', bodySha256], '\n')";
    const request = { method: "PUT", url: "https://erp.example/a/b?b=c%20d", headers: { "X-Shop": "s" }, body: "{}" };
    const text = ["PUT\n/a/b\n1772366400\nc d\ns", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"].join("\n");
    const key = Buffer.from("the key");
    const place = { query: { sign: "{{ signature }}" } };
    for (const keyEncoding of ["hex", "base64"] as const) {
      const more = { string, keyEncoding, encoding: "base64", place };
      const { query } = await proofOf(auth(more), request, { key: key.toString(keyEncoding) }, "2026-03-01T12:00:00Z");
      expect(query.sign).toBe(createHmac("sha256", key).update(text).digest("base64"));
    }
    await expect(sign({ string: "nothing" }, {}, "key")).rejects.toThrow("/auth/string gave no text");
  });
});

describe("AWS Signature Version 4", () => {
  const auth = (service: string): ConnectorAuth => ({
    type: "awsSigV4",
    accessKeyId: "{{ secrets.id }}",
    secretAccessKey: "{{ secrets.key }}",
    sessionToken: "{{ secrets.session }}",
    region: "us-east-1",
    service,
  });
  const secrets = { id: "AKIDEXAMPLE", key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", session: "session" };

  it("gives the signature that AWS publishes (get-vanilla)", async () => {
    const { sessionToken: _none, ...vanilla } = auth("service") as Extract<ConnectorAuth, { type: "awsSigV4" }>;
    const { headers } = await proofOf(vanilla, { url: "https://example.amazonaws.com/" }, secrets, "2015-08-30T12:36:00Z");
    expect(headers).toEqual({
      "x-amz-date": "20150830T123600Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    });
  });

  it("signs as AWS's own library does", async () => {
    const text = fc.string({ unit: fc.constantFrom(..."abz09-_.~ /?&=+:ü".split("")), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(text, text, { maxKeys: 3 }), text, fc.boolean(), async (query, body, posts) => {
        const url = new URL("https://sqs.us-east-1.amazonaws.com/123456789012/orders");
        for (const [name, value] of Object.entries(query)) url.searchParams.set(name || "q", value);
        const request = posts
          ? { method: "POST", url: url.href, headers: { "content-type": "application/json" }, body }
          : { method: "GET", url: url.href, headers: {}, body: null };
        const { headers } = await proofOf(auth("sqs"), request, secrets, "2026-03-01T12:00:00Z");
        const judge = new SignatureV4({
          credentials: { accessKeyId: secrets.id, secretAccessKey: secrets.key, sessionToken: secrets.session },
          region: "us-east-1",
          service: "sqs",
          sha256: Sha256,
          applyChecksum: false,
        });
        const signed = await judge.sign(
          {
            method: request.method,
            protocol: "https:",
            hostname: url.hostname,
            path: url.pathname,
            query: Object.fromEntries(url.searchParams),
            headers: { host: url.host, ...request.headers },
            ...(request.body === null ? {} : { body: request.body }),
          },
          { signingDate: new Date("2026-03-01T12:00:00Z") },
        );
        expect(headers.authorization).toBe(signed.headers.authorization);
        expect(headers["x-amz-security-token"]).toBe("session");
      }),
      { numRuns: 60 },
    );
  });
});

describe("OAuth 1.0a", () => {
  it("signs as an independent library does, whatever stands in the address", async () => {
    const auth: ConnectorAuth = {
      type: "oauth1",
      signature: "HMAC-SHA256",
      realm: "{{ config.account }}",
      consumerKey: "{{ secrets.ck }}",
      consumerSecret: "{{ secrets.cs }}",
      token: "{{ secrets.tk }}",
      tokenSecret: "{{ secrets.ts }}",
    };
    const secrets = { ck: randomUUID(), cs: "c&s=", tk: "tk", ts: "t s" };
    const text = fc.string({ unit: fc.constantFrom(..."abz09-_.~ !*'()/?&=+%ü".split("")), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(text, text, { maxKeys: 4 }), fc.constantFrom("GET", "PUT"), async (query, method) => {
        const url = new URL("https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/record/v1/salesOrder/eid:A_1");
        for (const [name, value] of Object.entries(query)) url.searchParams.set(name || "q", value);
        const { headers } = await proofOf(auth, { method, url: url.href }, secrets, "2026-03-01T12:00:00Z");
        const header = headers.authorization ?? "";
        const given = Object.fromEntries(
          [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, decodeURIComponent(value)]),
        );
        expect(header.startsWith('OAuth realm="1234567_SB1"')).toBe(true);
        const { realm: _realm, oauth_signature: signature, ...parameters } = given;
        const base = url.origin + url.pathname;
        const all = { ...Object.fromEntries(url.searchParams), ...parameters };
        expect(signature).toBe(hmacsign256(method, base, all, secrets.cs, secrets.ts));
      }),
      { numRuns: 60 },
    );
  });
});
