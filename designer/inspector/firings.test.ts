import { describe, expect, it } from "vitest";
import { inWords, inZone, nextFirings } from "./firings.ts";

const after = new Date("2026-03-28T20:00:00Z");

describe("a schedule in the inspector", () => {
  it("is told in words", () => {
    expect(inWords("*/15 * * * *")).toBe("Every 15 minutes");
    expect(inWords("0 2 * * *")).toBe("At 02:00");
    expect(inWords("30 8 * * 1-5")).toBe("At 08:30, Monday through Friday");
    expect(inWords("0 99 * * *")).toBeUndefined();
    expect(inWords("soon")).toBeUndefined();
  });

  it("names its next times by the clocks of its zone, across a change of clocks", () => {
    const firings = nextFirings("0 9 * * *", "Europe/Berlin", after, 2);
    expect(firings).toEqual({ ok: true, times: [new Date("2026-03-29T07:00:00Z"), new Date("2026-03-30T07:00:00Z")] });
    expect(inZone(new Date("2026-03-29T07:00:00Z"), "Europe/Berlin", "en-GB")).toContain("09:00");
    expect(inZone(new Date("2026-03-29T07:00:00Z"), "America/New_York", "en-GB")).toContain("03:00");
  });

  it("says why there are none", () => {
    expect(nextFirings("0 99 * * *", "UTC", after, 3)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("cannot be read"),
    });
    expect(nextFirings("0 9 * * *", "Mars/Base", after, 3)).toMatchObject({ ok: false, reason: expect.stringContaining("zone") });
    expect(nextFirings("0 9 30 2 *", "UTC", after, 3)).toEqual({ ok: true, times: [] });
  });
});
