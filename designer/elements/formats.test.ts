import { afterEach, describe, expect, it, vi } from "vitest";
import { count } from "./numbers.ts";
import { inkOn } from "./SystemBadge.tsx";
import { duration, exact, relative, startOfDay } from "./time.ts";

describe("times", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const told = (ago: number) => relative(now - ago, now, "just now", "en");

  it("are told in the largest unit that fits, both ways", () => {
    expect(told(3_000)).toBe("just now");
    expect(told(42_000)).toBe("42 sec. ago");
    expect(told(3 * 60_000 + 59_000)).toBe("3 min. ago");
    expect(told(5 * 3_600_000)).toBe("5 hr. ago");
    expect(told(30 * 3_600_000)).toBe("yesterday");
    expect(told(-2 * 3_600_000)).toBe("in 2 hr.");
  });

  it("are exact to the millisecond in the zone asked for", () => {
    expect(exact("2026-03-01T12:00:00.123Z", "en-GB", "Europe/Berlin")).toContain("13:00:00.123");
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });
  it("begin a day where the user is, also on the day of a change of clocks", () => {
    vi.stubEnv("TZ", "Europe/Berlin");
    expect(startOfDay("2026-03-29")).toBe("2026-03-28T23:00:00.000Z");
    expect(startOfDay("2026-03-29", 1)).toBe("2026-03-29T22:00:00.000Z");
    expect([startOfDay(undefined), startOfDay(""), startOfDay("soon")]).toEqual([undefined, undefined, undefined]);
  });

  it("as lengths carry at most two units", () => {
    expect(duration(820)).toBe("820 ms");
    expect(duration(4_249)).toBe("4.2 s");
    expect(duration(1_000)).toBe("1 s");
    expect(duration(59_960)).toBe("1 min");
    expect(duration(200_000)).toBe("3 min 20 s");
    expect(duration(3_599_900)).toBe("1 h");
    expect(duration(7_500_000)).toBe("2 h 5 min");
    expect(duration(97_200_000)).toBe("1 d 3 h");
  });
});

describe("counts", () => {
  it("stay whole below ten thousand", () => {
    expect(count(9_999, "en")).toBe("9,999");
    expect(count(12_400, "en")).toBe("12.4K");
  });
});

describe("a badge's letters", () => {
  it("are white on dark grounds and black on bright ones", () => {
    expect(inkOn("#125580")).toBe("#fff");
    expect(inkOn("#ffd43b")).toBe("#111");
  });
});
