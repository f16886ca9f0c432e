import { expect, it } from "vitest";
import { isLate } from "./isLate.ts";

it("says of one that waits for approval that its time has passed, and of no other", () => {
  const now = Date.parse("2026-11-28T09:00:00Z");
  const friday = "2026-11-27T22:00:00.000Z";
  expect(isLate({ state: "requested", activateAt: friday }, now)).toBe(true);
  expect(isLate({ state: "requested", activateAt: "2026-11-28T22:00:00.000Z" }, now)).toBe(false);
  expect(isLate({ state: "requested", activateAt: null }, now)).toBe(false);
  // Approved, it is on its way.
  expect(isLate({ state: "approved", activateAt: friday }, now)).toBe(false);
});
