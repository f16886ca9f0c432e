import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aliasOf, orderKey, orderRef } from "./orderKey.ts";

const order = (system: string, externalId: string, alias?: string | null) => ({ channel: { system, alias }, externalId });

describe("the key of an order in other systems", () => {
  it.each([
    [order("shopify", "5901234567001"), undefined, "SHOPIFY_5901234567001"],
    [order("mercado-libre", "20"), "", "MERCADO-LIBRE_20"],
    [order("woocommerce", "1001", "SHOP-A"), null, "WOOCOMMERCE--SHOP-A_1001"],
    [order("woocommerce", "1001", null), "EU_", "EU_1001"],
    [order("woocommerce", "1001", "SHOP-A"), "EU_", "EU--SHOP-A_1001"],
  ])("of %j with the prefix %j is %s", (document, prefix, key) => {
    expect(orderKey(document, prefix)).toBe(key);
  });

  it("says which order it is, whatever the order's id and the account are", () => {
    const part = fc.stringMatching(/^[0-9]?[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,6}){0,2}$/);
    const account = fc.option(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}$/), { nil: undefined });
    fc.assert(
      fc.property(part, account, fc.string({ minLength: 1, maxLength: 30 }), (system, of, externalId) => {
        const alias = of === undefined ? undefined : aliasOf(of);
        const back = orderRef(orderKey(order(system, externalId, alias)));
        expect(back).toEqual({ system, ...(alias === undefined ? {} : { account: alias }), externalId });
        expect(orderRef(orderKey(order(system, externalId, alias), "EU-1_"))).toEqual({ ...back, system: "eu-1" });
      }),
    );
  });

  it("has no more characters than a system holds: of a UUID fewer stand there, and the order is found by them", () => {
    const id = "7f3a1c5e-5b7d-4c1e-9a2b-3d4e5f6a7b8c";
    expect(orderKey(order("zalando", id), undefined, 35)).toBe("ZALANDO_.7J5NT0CEGG2X9ZZF9UVOE17RG");
    expect(orderKey(order("otto", id), "O_", 38)).toBe(`O_${id}`);
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 28, max: 60 }), (externalId, longest) => {
        const key = orderKey(order("zalando", externalId), "Z_", longest);
        expect(key.length).toBeLessThanOrEqual(longest);
        expect(orderRef(key)).toEqual({ system: "z", externalId });
      }),
    );
  });

  it.each([
    [order("zalando", "7f3a1c5e-5b7d-4c1e-9a2b-3d4e5f6a7b8c"), 22, "No prefix is short enough for this id"],
    [order("amazon", "902-3159896-1390916"), 22, "has 26 characters; 22 fit. Give the node a shorter external id prefix"],
    [
      order("mirakl", "MK-70417-A", "MARKETPLACE-EXAMPLE"),
      35,
      "has 38 characters; 35 fit. Give the order a shorter channel.alias",
    ],
  ])("is refused where %j has no key of %i characters", (document, longest, words) => {
    expect(() => orderKey(document, undefined, longest)).toThrow(words);
  });

  it("is never that of another order, of a shop that is known by its domain", () => {
    const domain = fc.stringMatching(/^[a-z0-9]{1,3}([.-][a-z0-9]{1,3}){0,3}$/);
    const id = fc.stringMatching(/^[A-Z0-9_-]{1,4}$/);
    fc.assert(
      fc.property(domain, domain, id, id, (a, b, one, other) => {
        const same = orderKey(order("vendure", one, aliasOf(a))) === orderKey(order("vendure", other, aliasOf(b)));
        expect(same).toBe(a === b && one === other);
      }),
    );
  });

  it("leaves a reference of another make whole", () => {
    for (const reference of ["4500017", "4500017_10", "eu_17", "_17", "PO 88_1", "A---_1", "100017-A"])
      expect(orderRef(reference)).toEqual({ externalId: reference });
  });

  it.each([
    [order("my_shop", "1"), undefined, 'would be known by "MY_SHOP"'],
    [{ externalId: "1" }, undefined, "names no channel.system"],
    [order("shopify", ""), undefined, "has no externalId"],
    [order("shopify", "1"), "shop-a_", 'would be known by "shop-a"'],
    [order("woocommerce", "1", "shop a"), undefined, 'has the channel.alias "shop a"'],
  ])("is refused where it could not be taken apart: %j, %j", (document, prefix, words) => {
    expect(() => orderKey(document, prefix)).toThrow(words);
  });
});
