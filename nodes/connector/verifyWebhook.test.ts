import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WebhookVerification } from "#schemas/sourceOperation.ts";
import { challengeAnswer, signWebhook, verifyByAny, verifyByPublicKey, verifyWebhook } from "./verifyWebhook.ts";

const context = { config: {}, secrets: { hook: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", user: "shop", password: "pä:ss" } };
const body = Buffer.from('{"id":"evt_1","name":"Zoë"}');
const NOW = Date.parse("2026-03-01T12:00:00Z");
const seconds = NOW / 1000;

const stripe: WebhookVerification = {
  type: "hmac",
  algorithm: "sha256",
  encoding: "hex",
  secret: "{{ secrets.hook }}",
  header: "Stripe-Signature",
  separator: ",",
  prefix: "v1=",
  timestamp: { prefix: "t=", withinSeconds: 300 },
  signed: "{{ timestamp }}.{{ body }}",
};

const standard: WebhookVerification = {
  type: "hmac",
  algorithm: "sha256",
  encoding: "base64",
  secret: "{{ secrets.hook }}",
  secretPrefix: "whsec_",
  secretEncoding: "base64",
  header: "webhook-signature",
  separator: " ",
  prefix: "v1,",
  timestamp: { header: "webhook-timestamp", withinSeconds: 300 },
  signed: "{{ headers.'webhook-id' }}.{{ timestamp }}.{{ body }}",
};

const stripeHeader = (at: number, bytes: Uint8Array = body) => {
  const signature = createHmac("sha256", context.secrets.hook).update(`${at}.`).update(bytes).digest("hex");
  return `t=${at},v0=${"0".repeat(64)},v1=${signature}`;
};

describe("a signature over a time", () => {
  const verified = (header: string, now = NOW) => verifyWebhook(stripe, context, { "stripe-signature": header }, body, now);

  it("incident: a webhook with a stale timestamp; within the window it is good, either way", () => {
    for (const away of [-300, 0, 300]) expect(verified(stripeHeader(seconds + away))).toEqual({ ok: true });
    for (const away of [-301, 301, -86_400]) {
      expect(verified(stripeHeader(seconds + away))).toEqual({ ok: false, why: "signatureStale", header: "Stripe-Signature" });
    }
  });

  it("is wrong when the time was written anew, is missing, or is no number", () => {
    const old = stripeHeader(seconds - 3600);
    for (const header of [
      old.replace(/t=\d+/, `t=${seconds}`),
      old.replace(/t=\d+,/, ""),
      old.replace(/t=\d+/, "t=soon"),
      old.replace(/v1=\w+/, ""),
    ]) {
      expect(verified(header)).toEqual({ ok: false, why: "signatureWrong", header: "Stripe-Signature" });
    }
  });

  it("is good when one of several fits, as while a secret is changed", () => {
    const [time = "", , right = ""] = stripeHeader(seconds).split(",");
    expect(verified([time, `v1=${"f".repeat(64)}`, right].join(", "))).toEqual({ ok: true });
    expect(verified([time, right.replace("v1=", "v0=")].join(","))).toMatchObject({ why: "signatureWrong" });
  });

  it("is over the bytes as they came, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const headers = { "stripe-signature": stripeHeader(seconds, bytes) };
        expect(verifyWebhook(stripe, context, headers, bytes, NOW)).toEqual({ ok: true });
      }),
    );
  });

  it("reads time and signature from headers of their own, and a secret in Base64", () => {
    // The example of the Standard Webhooks specification.
    const headers = {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,aGVsbG8= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const signed = Buffer.from('{"test": 2432232314}');
    expect(verifyWebhook(standard, context, headers, signed, 1_614_265_330_000)).toEqual({ ok: true });
    expect(verifyWebhook(standard, context, { ...headers, "webhook-id": "msg_2" }, signed, 1_614_265_330_000).ok).toBe(false);
  });
});

describe("a name and a password", () => {
  const basic: WebhookVerification = { type: "basic", username: "{{ secrets.user }}", password: "{{ secrets.password }}" };
  const authorization = (text: string) => ({ authorization: `Basic ${Buffer.from(text, "utf8").toString("base64")}` });

  it("are taken, and no others", () => {
    expect(verifyWebhook(basic, context, authorization("shop:pä:ss"), body)).toEqual({ ok: true });
    for (const wrong of ["shop:", "shop:pass", ":pä:ss", "shop"]) {
      expect(verifyWebhook(basic, context, authorization(wrong), body)).toMatchObject({ ok: false, why: "keyWrong" });
    }
    expect(verifyWebhook(basic, context, {}, body)).toEqual({ ok: false, why: "keyMissing", header: "authorization" });
    expect(() => verifyWebhook(basic, { config: {}, secrets: {} }, authorization(":"), body)).toThrow("The connection lacks");
  });
});

describe("secrets of several subscriptions", () => {
  const verify = {
    type: "hmac",
    algorithm: "sha256",
    encoding: "hex",
    header: "x-signature",
    secret: "{{ secrets.key }}",
  } as const;
  const knowing = (key: string) => ({ config: {}, secrets: { key } });
  const body = Buffer.from("{}");
  const signed = signWebhook(verify, knowing("second"), body);

  it("each let in what is signed with them, and nobody is let in where none is known", () => {
    expect(verifyByAny(verify, [knowing("first"), knowing("second")], signed, body)).toEqual({ ok: true });
    const wrong = { ok: false, why: "signatureWrong", header: "x-signature" };
    expect(verifyByAny(verify, [knowing("first"), knowing("third")], signed, body)).toEqual(wrong);
    expect(verifyByAny(verify, [], signed, body)).toEqual(wrong);
    expect(verifyByAny(verify, [knowing("first")], {}, body)).toMatchObject({ why: "signatureMissing" });
  });
});

describe("signWebhook", () => {
  it("proves what verifyWebhook asks for", () => {
    const kinds: WebhookVerification[] = [
      stripe,
      standard,
      { ...stripe, timestamp: { unit: "ms", header: "x-time", withinSeconds: 10 } },
      { type: "hmac", algorithm: "sha1", encoding: "base64", header: "X-Sign", secret: "{{ secrets.hook }}" },
      { type: "apiKey", header: "X-Key", prefix: "Bearer ", secret: "{{ secrets.hook }}" },
      { type: "basic", username: "{{ secrets.user }}", password: "{{ secrets.password }}" },
    ];
    const sent = { "webhook-id": "msg_1" };
    for (const kind of kinds) {
      const headers = { ...sent, ...signWebhook(kind, context, body, { headers: sent, now: NOW }) };
      expect(verifyWebhook(kind, context, headers, body, NOW)).toEqual({ ok: true });
      expect(
        verifyWebhook(kind, { ...context, secrets: { ...context.secrets, hook: "no", user: "no" } }, headers, body, NOW).ok,
      ).toBe(false);
    }
  });
});

describe("a signature by the sender's key pair", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ebay = {
    type: "publicKey",
    header: "X-EBAY-SIGNATURE",
    hash: "sha1",
    keyId: "{{ kid }}",
    signature: "{{ signature }}",
    path: "/key/{{ keyId }}",
    key: "body.key",
  } as const;
  /** As eBay gives it: on one line. */
  const key = publicKey.export({ type: "spki", format: "pem" }).toString().replaceAll("\n", "");
  const keys = async (id: string) => (id === "key-1" ? key : undefined);
  const header = (bytes: Uint8Array, kid = "key-1") => {
    const signature = sign("sha1", bytes, privateKey).toString("base64");
    return Buffer.from(JSON.stringify({ alg: "ecdsa", kid, signature, digest: "SHA1" })).toString("base64");
  };
  const verified = (value: string | undefined, bytes: Uint8Array = body) =>
    verifyByPublicKey(ebay, { "x-ebay-signature": value }, bytes, keys);

  it("is good over the bytes that were signed, and wrong over others", async () => {
    expect(await verified(header(body))).toEqual({ ok: true });
    expect(await verified(header(body), Buffer.concat([body, Buffer.from(" ")]))).toMatchObject({ why: "signatureWrong" });
    expect(await verified(undefined)).toMatchObject({ ok: false, why: "signatureMissing" });
  });

  it("is wrong by a key that the sender does not have, and asks for none that is no id", async () => {
    expect(await verified(header(body, "key-2"))).toMatchObject({ why: "signatureWrong" });
    const asked: string[] = [];
    const spy = async (id: string) => {
      asked.push(id);
      return undefined;
    };
    for (const value of ["x", "e30=", header(body, "../../secrets"), header(body, "")]) {
      expect(await verifyByPublicKey(ebay, { "x-ebay-signature": value }, body, spy)).toMatchObject({ why: "signatureWrong" });
    }
    expect(asked).toEqual([]);
  });
});

describe("challengeAnswer", () => {
  it("hashes code, token and address as eBay asks for it", () => {
    const declared = {
      query: "challenge_code",
      answer: "challengeResponse",
      hash: "sha256",
      encoding: "hex",
      signed: "{{ challenge }}{{ secrets.hook }}{{ address }}",
    } as const;
    const known = { challenge: "a8628072-3d33-45ee-9004-bee86830a22d", address: "https://shop.example/hooks/prod/ebay/notified" };
    const wanted = createHash("sha256").update(known.challenge).update(context.secrets.hook).update(known.address).digest("hex");
    expect(challengeAnswer(declared, context, known)).toEqual({ challengeResponse: wanted });
    expect(() => challengeAnswer(declared, { config: {}, secrets: {} }, known)).toThrow("The connection lacks");
  });
});
