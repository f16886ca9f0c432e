import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effectKeyOf } from "./renderEffect.ts";

const keyOf = (documentKey: string, account = "acme"): string => effectKeyOf("dev", account, "erp.post", documentKey, "create");

describe("effectKeyOf", () => {
  it("reads as environment, account, operation, document and event", () => {
    expect(keyOf("SHOP_1")).toBe("dev/acme/erp.post/SHOP_1/create");
  });

  it("never gives two documents one key, whatever is in their names, and stays short enough for an index", () => {
    const name = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ minLength: 390, maxLength: 5_000 }));
    fc.assert(
      fc.property(name, name, name, name, (a, b, c, d) => {
        if (a === c && b === d) return;
        expect(keyOf(a, b)).not.toBe(keyOf(c, d));
        expect(keyOf(a, b).length).toBeLessThan(900);
      }),
    );
    expect(keyOf("1/create/x", "acme")).not.toBe(keyOf("1", "acme/create"));
  });
});
