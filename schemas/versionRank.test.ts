import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { versionRank } from "./versionRank.ts";

describe("versionRank", () => {
  it("orders whole numbers by value, however many digits they have", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 29n }), fc.bigInt({ min: 0n, max: 10n ** 29n }), (a, b) => {
        expect(versionRank(String(a)) < versionRank(String(b))).toBe(a < b);
      }),
    );
  });

  it("orders times by the moment they name, whatever their zone and precision", () => {
    expect(versionRank("2026-03-01T12:00:00+01:00")).toBe(versionRank("2026-03-01T11:00:00.000Z"));
    const times = fc.date({ min: new Date("1990-01-01"), max: new Date("2200-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(times, times, (a, b) => {
        expect(versionRank(a.toISOString()) < versionRank(b.toISOString())).toBe(a.getTime() < b.getTime());
      }),
    );
  });

  it("keeps other texts as they are, a broken time among them", () => {
    expect(versionRank("rev-b") > versionRank("rev-a")).toBe(true);
    expect(versionRank("2026-99-99T99:99")).toBe("x2026-99-99T99:99");
  });
});
