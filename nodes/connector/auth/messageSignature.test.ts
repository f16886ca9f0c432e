import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { MessageSignature } from "#schemas/auth.ts";
import { digestOf, messageSignature } from "./messageSignature.ts";

/** RFC 9421, appendix B.1.4: a key for everybody. */
const published = "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF";
const body = '{"hello": "world"}';
/** Appendix B.2: the request that its examples sign. */
const request = {
  method: "POST",
  url: "https://example.com/foo?param=Value&Pet=dog",
  headers: { date: "Tue, 20 Apr 2021 02:07:55 GMT", "content-type": "application/json", "content-length": "18" },
  body,
};
const then = new Date(1_618_884_473_000);

const ebay: MessageSignature = {
  key: "{{ secrets.key }}",
  headers: { "x-ebay-signature-key": "{{ secrets.jwe }}" },
  components: ["content-digest", "x-ebay-signature-key", "@method", "@path", "@authority"],
};
const sign = (more: Partial<MessageSignature>, key: string, asked: { body: string | null } = request) =>
  messageSignature({ ...ebay, ...more }, { config: {}, secrets: { key, jwe: "a.jwe" } }, { ...request, ...asked }, then);
const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

describe("a message signature", () => {
  const example = {
    headers: {},
    components: ["date", "@method", "@path", "@authority", "content-type", "content-length"],
    keyId: "test-key-ed25519",
    label: "sig-b26",
  };

  it("is the one that RFC 9421 publishes for its Ed25519 key, and its digest the one of its body", async () => {
    expect(await sign(example, published)).toMatchObject({
      "signature-input":
        'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      signature: "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
    });
    expect(digestOf({ ...ebay, digest: "sha-512" }, body)).toBe(
      "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
    );
    expect(digestOf(ebay, body)).toBe("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
  });

  it("is the same with a key as PEM and as the base64 that systems give", async () => {
    const lines = `-----BEGIN PRIVATE KEY-----\n${published}\n-----END PRIVATE KEY-----\n`;
    expect(await sign(example, lines)).toEqual(await sign(example, published));
  });

  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  const base = (input: string, digest: string): string =>
    [digest, '"x-ebay-signature-key": a.jwe', '"@method": POST', '"@path": /foo', '"@authority": example.com']
      .filter((line) => line !== "")
      .concat(`"@signature-params": ${input.replace("sig1=", "")}`)
      .join("\n");

  it.each([
    ["RSA", rsa, "sha256"],
    ["P-256", p256, "sha256"],
    ["P-384", p384, "sha384"],
  ] as const)("of %s can be checked over the text that the RFC describes, with a body and without", async (_kind, key, hash) => {
    for (const text of [body, null]) {
      const headers = await sign({}, pem(key), { body: text });
      const digest = text === null ? "" : `"content-digest": ${headers["content-digest"]}`;
      const signature = Buffer.from(headers.signature?.match(/^sig1=:(.*):$/)?.[1] ?? "", "base64");
      const signed = Buffer.from(base(headers["signature-input"] ?? "", digest));
      expect(verify(hash, signed, { key: createPublicKey(key), dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
      expect(headers["content-digest"] === undefined).toBe(text === null);
    }
  });

  it("is made by nobody who has no key, and by nobody with half of it", async () => {
    const made = (secrets: Record<string, string>) => messageSignature(ebay, { config: {}, secrets }, request, then);
    expect(await made({})).toEqual({});
    await expect(made({ key: published })).rejects.toThrow("The connection lacks secrets.jwe.");
    await expect(made({ jwe: "a.jwe" })).rejects.toThrow("The connection lacks secrets.key.");
  });

  it("says of a key what is wrong with it, and never what it is", async () => {
    await expect(sign({}, "not a key")).rejects.toThrow(/^The private key that signs requests cannot be read; enter it as PEM/);
    const x25519 = pem(generateKeyPairSync("x25519").privateKey);
    await expect(sign({}, x25519)).rejects.toThrow("the private key is of another kind");
  });
});
