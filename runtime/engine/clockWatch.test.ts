import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockWatch } from "./clockWatch.ts";

const LEASE_MS = 1_000;

describe("a watch on the database's clock", () => {
  it("trusts a clock that goes as ours does, however long the passes are apart", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 })), (gaps) => {
        const watch = clockWatch(LEASE_MS);
        let at = 0;
        for (const gap of gaps) {
          at += gap;
          expect(watch.trusts({ database: 5_000_000 + at, steady: at })).toBe(true);
        }
      }),
    );
  });

  it("lets one lease pass after each step forwards, and none after a step back", () => {
    const watch = clockWatch(LEASE_MS);
    expect(watch.trusts({ database: 0, steady: 0 })).toBe(true);
    expect(watch.trusts({ database: 60_100, steady: 100 })).toBe(false);
    expect(watch.trusts({ database: 61_000, steady: 1_000 })).toBe(false);
    expect(watch.trusts({ database: 61_100, steady: 1_100 })).toBe(true);
    expect(watch.trusts({ database: 1_200, steady: 1_200 })).toBe(true);
    expect(watch.trusts({ database: 61_300, steady: 1_300 })).toBe(false);
  });

  it("does not take drift for a step", () => {
    const watch = clockWatch(LEASE_MS);
    for (let at = 0; at < 100_000; at += 200) expect(watch.trusts({ database: at * 1.01, steady: at })).toBe(true);
  });

  it("adds small steps that come between two passes", () => {
    const watch = clockWatch(LEASE_MS);
    watch.trusts({ database: 0, steady: 0 });
    expect(watch.trusts({ database: 500, steady: 200 })).toBe(false);
  });
});
