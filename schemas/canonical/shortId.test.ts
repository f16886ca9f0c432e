import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longId, shortId } from "./shortId.ts";

describe("an id in few characters", () => {
  it("is 26 for a UUID that does not fit, and found again by them", () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const short = shortId(id, 35);
        expect(short).toMatch(/^\.[0-9A-Z]{25}$/);
        expect(longId(short)).toBe(id);
        expect(shortId(id, 36)).toBe(id);
      }),
    );
    for (const id of ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"])
      expect(longId(shortId(id, 26))).toBe(id);
  });

  it("is itself for every other, longer ones too", () => {
    const upper = "7F3A1C5E-5B7D-4C1E-9A2B-3D4E5F6A7B8C";
    for (const id of ["", "14901234567001", upper, "9".repeat(40), `.${"Z".repeat(25)}`, ".ABC"]) {
      expect(shortId(id, 35)).toBe(id);
      expect(longId(id)).toBe(id);
    }
  });
});
