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
