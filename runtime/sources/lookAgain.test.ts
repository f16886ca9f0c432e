import { expect, it } from "vitest";
import type { OutcomeClass } from "#schemas/outcome.ts";
import { defaultRetryPolicy } from "#schemas/outcomeClass.ts";
import { lookAgain } from "./lookAgain.ts";

const after = (kind: OutcomeClass, failures: number, retryAfterMs?: number) =>
  lookAgain(
    { class: kind, reason: { code: "x", message: "X." }, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    {
      failures,
      intervalMs: 300_000,
      random: 0.999,
      policy: { ...defaultRetryPolicy, backoff: "exponential", baseMs: 1_000, capMs: 60_000 },
    },
  );

it("tries again sooner than usual what may mend by itself, later with each failure, and never gives up", () => {
  const waits = [1, 2, 3, 10, 1_000].map((failures) => after("transient", failures).waitMs);
  expect(waits).toEqual([999, 1998, 3996, 59_940, 59_940]);
});

it("waits as long as the system asks, within reason", () => {
  expect(after("transient", 1, 120_000).waitMs).toBe(120_000);
  expect(after("rateLimited", 1, 7_000).waitMs).toBe(7_000);
  expect(after("rateLimited", 1, 86_400_000).waitMs).toBe(3_600_000);
  expect(after("rateLimited", 9).waitMs).toBeLessThan(2_000);
});

it("keeps to the source's own pace where waiting mends nothing", () => {
  for (const kind of ["bug", "rejected", "poison", "tooLarge"] as const) expect(after(kind, 1).waitMs).toBe(300_000);
});

it("pauses the connection whose credentials were refused, and looks as soon as it is open again", () => {
  expect(after("auth", 3)).toEqual({ waitMs: 0, pauseConnection: true });
});
