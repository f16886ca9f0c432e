import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { decideSchedule, nextDue, type ScheduleConfig, type ScheduleCursor } from "./firing.ts";
import manifest from "./node.json" with { type: "json" };

const at = (text: string): Date => new Date(text);
const nightly: ScheduleConfig = { cron: "30 2 * * *", timeZone: "Europe/Berlin" };

/** Looks every `everyMs` from `from` to `to`, and gives what was fired. */
function watch(config: ScheduleConfig, from: string, to: string, everyMs = 1_000, gone?: [string, string]): string[] {
  let kept: ScheduleCursor | null = null;
  const fired: string[] = [];
  for (let now = Date.parse(from); now <= Date.parse(to); now += everyMs) {
    if (gone && now >= Date.parse(gone[0]) && now < Date.parse(gone[1])) continue;
    const decision = decideSchedule(config, kept, new Date(now));
    kept = decision.cursor;
    if (decision.fire) fired.push(decision.fire);
  }
  return fired;
}

describe("on the nights when clocks change", () => {
  it("a time that does not exist starts one run, at the change", () => {
    expect(watch(nightly, "2026-03-28T00:00:00Z", "2026-03-30T12:00:00Z", 60_000)).toEqual([
      "2026-03-28T01:30:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  it("a time that comes twice starts one run, the first time", () => {
    expect(watch(nightly, "2026-10-24T00:00:00Z", "2026-10-26T12:00:00Z", 60_000)).toEqual([
      "2026-10-24T00:30:00.000Z",
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  it.each([
    ["forward", "2026-03-29T00:10:00Z", "2026-03-29T02:10:00Z"],
    ["back", "2026-10-25T00:10:00Z", "2026-10-25T02:10:00Z"],
  ])("every half hour goes on in step when they go %s", (_way, from, to) => {
    const fired = watch({ cron: "*/30 * * * *", timeZone: "Europe/Berlin" }, from, to, 60_000);
    expect(fired).toHaveLength(4);
    for (const [index, time] of fired.slice(1).entries()) {
      expect(Date.parse(time) - Date.parse(fired[index] ?? "")).toBe(1_800_000);
    }
  });
});

describe("times that passed while nobody was there", () => {
  const hourly = { cron: "0 * * * *" };
  const gone: [string, string] = ["2026-11-24T01:30:00Z", "2026-11-24T05:10:00Z"];

  it("start one run together, for the latest of them", () => {
    expect(watch(hourly, "2026-11-24T00:30:00Z", "2026-11-24T06:30:00Z", 60_000, gone)).toEqual([
      "2026-11-24T01:00:00.000Z",
      "2026-11-24T05:00:00.000Z",
      "2026-11-24T06:00:00.000Z",
    ]);
  });

  it("start none where the node says so, but a little late is not missed", () => {
    const skip = { ...hourly, missed: "skip" as const };
    expect(watch(skip, "2026-11-24T00:30:00Z", "2026-11-24T06:30:00Z", 60_000, gone)).toEqual([
      "2026-11-24T01:00:00.000Z",
      "2026-11-24T06:00:00.000Z",
    ]);
    const short: [string, string] = ["2026-11-24T00:59:00Z", "2026-11-24T01:00:50Z"];
    expect(watch(skip, "2026-11-24T00:30:00Z", "2026-11-24T01:30:00Z", 10_000, short)).toEqual(["2026-11-24T01:00:00.000Z"]);
  });

  it("do not count from before the schedule was there, nor by an older rule", () => {
    const now = at("2026-11-24T10:00:00Z");
    expect(decideSchedule(hourly, null, now).fire).toBeNull();
    const older = { rule: "*/5 * * * * UTC", next: "2026-11-24T09:55:00.000Z" };
    expect(decideSchedule(hourly, older, now)).toEqual({
      fire: null,
      cursor: { rule: "0 * * * * UTC", next: "2026-11-24T11:00:00.000Z" },
    });
  });
});

it("starts a run once for each time at most, in order, whenever it looks", () => {
  const crons = fc.constantFrom("*/7 * * * *", "15,45 1-4 * * *", "30 2 * * *", "*/20 * * * * *", "0 3 * * 0");
  const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
  const looks = fc.array(fc.integer({ min: 1, max: 40_000_000 }), { minLength: 1, maxLength: 40 });
  const starts = fc.constantFrom("2026-03-07T20:00:00Z", "2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z", "2026-11-01T00:00:00Z");
  fc.assert(
    fc.property(crons, zones, looks, starts, (cron, timeZone, waits, start) => {
      let kept: ScheduleCursor | null = null;
      let now = Date.parse(start);
      let last = now;
      for (const wait of waits) {
        const decision: ReturnType<typeof decideSchedule> = decideSchedule({ cron, timeZone }, kept, new Date(now));
        if (decision.fire) {
          expect(Date.parse(decision.fire)).toBeGreaterThan(last);
          expect(Date.parse(decision.fire)).toBeLessThanOrEqual(now);
          last = Date.parse(decision.fire);
        }
        expect(Date.parse(decision.cursor.next ?? "")).toBeGreaterThan(now);
        kept = decision.cursor;
        now += wait;
      }
    }),
  );
});

it("says what cannot be read", () => {
  expect(() => nextDue({ cron: "61 * * * *" }, new Date())).toThrow(/^The times "61 \* \* \* \*" .*minute: 61\.$/);
  expect(() => nextDue({ cron: "0 * * * *", timeZone: "Mars/Base" }, new Date())).toThrow(/there is no such time zone\.$/);
});

it("ends with a day that never comes", () => {
  expect(nextDue({ cron: "0 0 30 2 *" }, new Date())).toBeUndefined();
});

it.each([
  [{ cron: "0 2 * * *", timeZone: "Europe/Berlin" }, []],
  [{ cron: "0 2 * * *", timeZone: "" }, []],
  [{ cron: "61 * * * *" }, ["/cron"]],
  [{ cron: "soon" }, ["/cron"]],
  [{ cron: "0 2 * * *", timeZone: "Mars/Base" }, ["/timeZone"]],
  [{}, ["/cron"]],
])("the config %j is checked before a version is made of it", (config, places) => {
  const found = checkAgainst(manifest.config, config);
  expect(found.ok && found.faults.map(({ pointer }) => pointer)).toEqual(places);
});
