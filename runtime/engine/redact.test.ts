import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REDACTED, redactHeaders, redactor } from "./redact.ts";

describe("secrets in an answer", () => {
  it("are taken out in every spelling, longest first, and nothing else is", () => {
    const redact = redactor([
      "canary-secret",
      "canary-secret-longer",
      'with "quotes"',
      "a/b c=d+e",
      "Bearer canary-token",
      "abc",
    ]);
    expect(redact("canary-secret-longer canary-secret canary-secre")).toBe(`${REDACTED} ${REDACTED} canary-secre`);
    expect(redact(JSON.stringify({ echo: 'with "quotes"' }))).toBe(`{"echo":"${REDACTED}"}`);
    expect(redact("?q=a%2Fb%20c%3Dd%2Be")).toBe(`?q=${REDACTED}`);
    expect(redact("token=canary-token")).toBe(`token=${REDACTED}`);
    expect(redact("abc")).toBe("abc");
  });

  it("are found wherever they stand and however they are spelt, and what stands around them is kept", () => {
    // Parts that no secret can share a character with, so that what is to be kept is known.
    const around = fc.string({ unit: fc.constantFrom("·", "—", "é", "\n"), maxLength: 8 });
    const secret = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_./+=:@"\\ '), minLength: 6, maxLength: 30 });
    const spell = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => JSON.stringify(text).slice(1, -1),
      encodeURIComponent,
    );
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        spell,
        around,
        around,
        (secrets, place, spelt, a, b) => {
          const one = secrets[place % secrets.length] ?? "";
          expect(redactor(secrets)(`${a}${spelt(one)}${b}`)).toBe(`${a}${REDACTED}${b}`);
        },
      ),
    );
  });

  it("are not to be read out of anything in Base64 or hex that holds them", () => {
    const secret = fc.string({ unit: "grapheme", minLength: 12, maxLength: 40 });
    const code = fc.constantFrom<BufferEncoding>("base64", "base64url", "hex");
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), code, (one, before, after, encoding) => {
        const redacted = redactor([one])(Buffer.from(`${before}${one}${after}`).toString(encoding));
        expect(redacted).toContain(REDACTED);
        // What is left on either side has no more of it than a sign's bits.
        const left = redacted.split(REDACTED).map((part) => Buffer.from(part, encoding).toString());
        expect(left.some((part) => part.includes(one.slice(0, -1)) || part.includes(one.slice(1)))).toBe(false);
      }),
    );
  });

  it("leave with the headers that carry credentials", () => {
    const headers = { "set-cookie": "session=1", "x-page-token": "next", "retry-after": "5", "x-echo": "canary-secret" };
    expect(redactHeaders(headers, redactor(["canary-secret"]))).toEqual({
      "set-cookie": REDACTED,
      "x-page-token": "next",
      "retry-after": "5",
      "x-echo": REDACTED,
    });
  });
});
