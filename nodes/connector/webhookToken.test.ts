import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WebhookVerification } from "#schemas/sourceOperation.ts";
import { MASKED, verifyToken, withoutToken, withToken } from "./webhookToken.ts";

type Token = Extract<WebhookVerification, { type: "token" }>;

const context = { config: {}, secrets: { hook: "tok-5f0c" } };
const inQuery: Token = { type: "token", query: "token", secret: "{{ secrets.hook }}" };
const inBody: Token = { type: "token", body: "/value/*/clientState", secret: "{{ secrets.hook }}" };
const none = { query: {}, body: {} };

describe("a token in the query", () => {
  it("is taken, and no other", () => {
    const verified = (query: Record<string, unknown>) => verifyToken(inQuery, context, { query, body: undefined });
    expect(verified({ token: "tok-5f0c" })).toEqual({ ok: true });
    for (const token of ["tok-5f0", "tok-5f0c ", "TOK-5F0C", "tok-5f0cc"]) {
      expect(verified({ token })).toEqual({ ok: false, why: "keyWrong", header: "the query parameter token" });
    }
    // Given twice it is a list, and no token.
    for (const query of [{}, { token: "" }, { other: "tok-5f0c" }, { token: ["tok-5f0c", "x"] }]) {
      expect(verified(query)).toMatchObject({ ok: false, why: "keyMissing" });
    }
  });

  it("is asked for wherever the connection has one, and said to lack where it must", () => {
    const bare = { config: {}, secrets: {} };
    expect(() => verifyToken(inQuery, bare, none)).toThrow("The connection lacks secrets.hook");
    expect(verifyToken({ ...inQuery, optional: true }, bare, none)).toEqual({ ok: true });
    expect(verifyToken({ ...inQuery, optional: true }, context, none)).toMatchObject({ ok: false, why: "keyMissing" });
  });
});

describe("a token in the body", () => {
  const verified = (body: unknown) => verifyToken(inBody, context, { query: {}, body });

  it("has to stand in each of a list", () => {
    expect(verified({ value: [{ clientState: "tok-5f0c" }, { clientState: "tok-5f0c" }] })).toEqual({ ok: true });
    expect(verified({ value: [{ clientState: "tok-5f0c" }, { clientState: "other" }] })).toMatchObject({ why: "keyWrong" });
    const lacking = [
      { value: [{ clientState: "tok-5f0c" }, {}] },
      { value: [] },
      {},
      null,
      { value: { clientState: "tok-5f0c" } },
    ];
    for (const body of lacking) expect(verified(body)).toMatchObject({ ok: false, why: "keyMissing" });
  });

  it("is masked in what is kept, wherever it stands, and nothing else is", () => {
    const body = { value: [{ clientState: "tok-5f0c", id: 1 }, { id: 2 }] };
    expect(withoutToken(inBody, body)).toEqual({ value: [{ clientState: MASKED, id: 1 }, { id: 2 }] });
    expect(body.value[0]?.clientState).toBe("tok-5f0c");
    fc.assert(
      fc.property(fc.jsonValue(), (any) => {
        expect(withoutToken(inQuery, any)).toEqual(any);
      }),
    );
  });
});

it("what is sent as the system sends is taken, and kept without the token", () => {
  const documents = fc.array(fc.record({ id: fc.nat() }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(documents, fc.constantFrom(inQuery, inBody), (value, verification) => {
      const sent = withToken(verification, context, { value });
      expect(verifyToken(verification, context, sent)).toEqual({ ok: true });
      expect(JSON.stringify(withoutToken(verification, sent.body))).not.toContain("tok-5f0c");
    }),
  );
});
