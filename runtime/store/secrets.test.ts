import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openKeyRing } from "./keyRing.ts";
import { secretBox } from "./secrets.ts";

const boxOf = (...keys: string[]) => secretBox(openKeyRing("", keys.join(",")));
const newKey = (): string => randomBytes(32).toString("hex");
const place = { environment: "dev", connection: "c1", field: "secrets" };

describe("secretBox", () => {
  const box = boxOf(newKey());

  it("opens what it sealed, and shows nothing of it", () => {
    const sealed = box.seal({ token: "canary-5150" }, place);
    expect(sealed.toString("latin1")).not.toContain("canary");
    expect(box.open(sealed, place)).toEqual({ token: "canary-5150" });
  });

  it("does not open in another environment, for another connection, as another field, or with another key", () => {
    const sealed = box.seal({ token: "x" }, place);
    for (const elsewhere of [{ environment: "prod" }, { connection: "c2" }, { field: "token credential" }])
      expect(() => box.open(sealed, { ...place, ...elsewhere })).toThrow(/altered, or belong elsewhere/);
    expect(() => boxOf(newKey()).open(sealed, place)).toThrow(/another key/);
  });

  it("opens nothing of which a bit was changed or a byte cut off", () => {
    const sealed = box.seal({ token: "x" }, place);
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), fc.nat(sealed.length - 1), (bit, length) => {
        const altered = Buffer.from(sealed);
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => box.open(altered, place)).toThrow();
        expect(() => box.open(sealed.subarray(0, length), place)).toThrow();
      }),
    );
  });

  it("seals with the first key and opens with all", () => {
    const [old, next] = [newKey(), newKey()];
    const sealed = boxOf(old).seal({ token: "x" }, place);
    const both = boxOf(next, old);
    expect(both.open(sealed, place)).toEqual({ token: "x" });
    const again = both.seal({ token: "x" }, place);
    expect([sealed, again].map((each) => each.subarray(0, 9).equals(both.mark()))).toEqual([false, true]);
    expect(boxOf(next).open(again, place)).toEqual({ token: "x" });
  });
});
