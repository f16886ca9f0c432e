import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClockView, clockWatch } from "./clockWatch.ts";

const LEASE_MS = 1_000;
const TOLERANCE_MS = 250;

/** A reading that took no time. */
const at = (database: number, steady: number) => ({ database, asked: steady, answered: steady });

describe("leases", () => {
  const watching = () => {
    const watch = clockWatch(LEASE_MS);
    return { trusts: (database: number, steady: number) => watch.read(at(database, steady)).sinceStepMs >= LEASE_MS };
  };

  it("are judged by a clock that goes as ours does, however long the readings are apart", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 })), (gaps) => {
        const clock = watching();
        let steady = 0;
        for (const gap of gaps) {
          steady += gap;
          expect(clock.trusts(5_000_000 + steady, steady)).toBe(true);
        }
      }),
    );
  });

  it("are left alone for as long as one lasts after each step forwards, not after a step back", () => {
    const clock = watching();
    expect(clock.trusts(0, 0)).toBe(true);
    expect(clock.trusts(60_100, 100)).toBe(false);
    expect(clock.trusts(61_000, 1_000)).toBe(false);
    expect(clock.trusts(61_100, 1_100)).toBe(true);
    expect(clock.trusts(1_200, 1_200)).toBe(true);
    expect(clock.trusts(61_300, 1_300)).toBe(false);
  });

  it("are not left alone because an answer came late", () => {
    const watch = clockWatch(LEASE_MS);
    watch.read(at(0, 0));
    expect(watch.read({ database: 200, asked: 100, answered: 5_000 }).sinceStepMs).toBe(Number.POSITIVE_INFINITY);
    expect(watch.read(at(5_100, 5_100)).sinceStepMs).toBe(Number.POSITIVE_INFINITY);
    expect(watch.read({ database: 8_000, asked: 5_200, answered: 8_000 }).sinceStepMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("are left alone when small steps add up to more than the tolerance", () => {
    const clock = watching();
    expect(clock.trusts(0, 0)).toBe(true);
    expect(clock.trusts(400, 200)).toBe(true);
    expect(clock.trusts(800, 400)).toBe(false);
  });
});

/** Something that happens to a database's clock, in milliseconds. */
type Event =
  | { do: "pass"; ms: number }
  | { do: "step"; ms: number }
  | { do: "send" }
  | { do: "read"; askMs: number; answerMs: number };

const latency = fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, fc.nat(2_000));
const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("pass" as const), ms: fc.nat(5_000) }),
    fc.record({ do: fc.constant("step" as const), ms: fc.integer({ min: -20_000, max: 20_000 }) }),
    fc.record({ do: fc.constant("send" as const) }),
    fc.record({ do: fc.constant("read" as const), askMs: latency, answerMs: latency }),
  ),
  { maxLength: 60, size: "max" },
);

/** Plays events; `look` is given each reading's view with what was sent before it, by the database's stamp and in truth. */
function play(all: readonly Event[], look: (view: ClockView, sent: { stamp: number; at: number }[], now: number) => void): void {
  const watch = clockWatch(LEASE_MS);
  const sent: { stamp: number; at: number }[] = [];
  let [now, shift] = [0, 1_000_000];
  const read = (askMs: number, answerMs: number): void => {
    const asked = now;
    now += askMs;
    const database = now + shift;
    const known = [...sent];
    now += answerMs;
    look(watch.read({ database, asked, answered: now }), known, now);
  };
  for (const event of all) {
    if (event.do === "pass") now += event.ms;
    if (event.do === "send") sent.push({ stamp: now + shift, at: now });
    if (event.do === "read") read(event.askMs, event.answerMs);
    if (event.do !== "step") continue;
    shift += event.ms;
    // What nobody saw set back, nobody can tell from a clock that goes on after it.
    if (event.ms < 0) read(1, 1);
  }
}

describe("the time since something was sent", () => {
  it("is never more than has passed, however the clock is set and however slowly it is read", () => {
    fc.assert(
      fc.property(events, (all) => {
        play(all, (view, sent, now) => {
          for (const { stamp, at } of sent) expect(view.surelySince(stamp)).toBeLessThanOrEqual(now - at);
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it("is all that has passed since the first reading, less a reading's delay, while nobody sets the clock", () => {
    const even = events.map((all) => all.filter((event) => event.do !== "step"));
    fc.assert(
      fc.property(even, (all) => {
        const quick = all.map((event): Event => (event.do === "read" ? { do: "read", askMs: 5, answerMs: 5 } : event));
        play([{ do: "read", askMs: 0, answerMs: 0 }, ...quick], (view, sent, now) => {
          for (const { stamp, at } of sent) expect(view.surelySince(stamp)).toBeGreaterThanOrEqual(now - at - 10);
        });
      }),
    );
  });

  it("comes to be as long as anybody may wait for, some time after the last step", () => {
    fc.assert(
      fc.property(events, fc.nat(600_000), (all, ms) => {
        const seen: number[] = [];
        const after: Event[] = [
          { do: "send" },
          { do: "read", askMs: 2, answerMs: 2 },
          { do: "pass", ms: ms + TOLERANCE_MS + 10 },
          { do: "read", askMs: 2, answerMs: 2 },
        ];
        const quick = all.map((event): Event => (event.do === "read" ? { do: "read", askMs: 2, answerMs: 2 } : event));
        play([...quick, ...after], (view, sent) => seen.push(view.surelySince(sent.at(-1)?.stamp ?? Number.NaN)));
        expect(seen.at(-1)).toBeGreaterThanOrEqual(ms);
      }),
    );
  });

  it("is counted from the reading that saw a step forwards, and by the clock from then on", () => {
    const watch = clockWatch(LEASE_MS);
    watch.read(at(100_000, 0));
    expect(watch.read(at(103_000, 3_000)).surelySince(101_000)).toBe(2_000);
    expect(watch.read(at(703_500, 3_500)).surelySince(101_000)).toBe(0);
    const later = watch.read(at(705_500, 5_500));
    expect([later.surelySince(101_000), later.surelySince(704_000)]).toEqual([2_000, 1_500]);
  });

  it("is counted from the first reading for what was sent before it", () => {
    const watch = clockWatch(LEASE_MS);
    expect(watch.read(at(100_000, 50)).surelySince(1_000)).toBe(0);
    expect(watch.read(at(104_000, 4_050)).surelySince(1_000)).toBe(4_000);
  });
});
