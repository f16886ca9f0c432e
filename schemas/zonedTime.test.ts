import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inZone } from "./zonedTime.ts";

const zones = [
  "America/Los_Angeles",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Africa/Casablanca",
  "UTC",
];

describe("a time in a zone", () => {
  it.each([
    ["2026-07-15T09:30:00", "America/Los_Angeles", "2026-07-15T09:30:00.000-07:00"],
    ["2026-01-15 09:30:00", "America/Los_Angeles", "2026-01-15T09:30:00.000-08:00"],
    ["2026-07-15", "America/Los_Angeles", "2026-07-15T00:00:00.000-07:00"],
    ["2026-07-15T09:30:00.5", "Asia/Kolkata", "2026-07-15T09:30:00.500+05:30"],
    ["2026-03-31T23:30:00Z", "Europe/Berlin", "2026-04-01T01:30:00.000+02:00"],
    ["2026-04-01T01:30:00+0200", "America/Chicago", "2026-03-31T18:30:00.000-05:00"],
    ["2026-07-15T09:30:00", "+05:30", "2026-07-15T09:30:00.000+05:30"],
    [Date.UTC(2026, 6, 15, 12), "Europe/Berlin", "2026-07-15T14:00:00.000+02:00"],
  ])("%s in %s", (time, zone, expected) => {
    expect(inZone(time, zone)).toBe(expected);
  });

  it("that the clocks show twice is the first, and one that they leave out comes as much later", () => {
    expect(inZone("2026-10-25T02:30:00", "Europe/Berlin")).toBe("2026-10-25T02:30:00.000+02:00");
    expect(inZone("2026-03-29T02:30:00", "Europe/Berlin")).toBe("2026-03-29T03:30:00.000+02:00");
    expect(inZone("2026-11-01T01:30:00", "America/Los_Angeles")).toBe("2026-11-01T01:30:00.000-07:00");
    expect(inZone("2026-03-08T02:30:00", "America/Los_Angeles")).toBe("2026-03-08T03:30:00.000-07:00");
  });

  it("is the same moment in every zone, and stays as it is in its own", () => {
    const moment = fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(moment, fc.constantFrom(...zones), fc.constantFrom(...zones), (ms, one, other) => {
        const here = inZone(ms, one);
        expect(Date.parse(here)).toBe(ms);
        expect(Date.parse(inZone(here, other))).toBe(ms);
        expect(inZone(here, one)).toBe(here);
      }),
    );
  });

  it("that is none, or in no zone, is refused in words", () => {
    expect(() => inZone("yesterday", "UTC")).toThrow('"yesterday" is no time such as 2026-07-15T09:30:00.');
    expect(() => inZone("2026-13-45", "UTC")).toThrow("is no time");
    expect(() => inZone("2026-07-15", "Mars/Base")).toThrow(
      '"Mars/Base" is no time zone. Name one as the world does, such as Europe/Berlin.',
    );
  });
});
