import { describe, expect, it } from "vitest";
import type { RateHint } from "#schemas/admission.ts";
import { evaluateExpression } from "../expression/expression.ts";
import { sampleClock } from "../sample.fixture.ts";
import type { EvaluateOnAnswer } from "./errorRules.ts";
import { leaveAloneMs } from "./rateHint.ts";

const evaluate: EvaluateOnAnswer = (expression, answer) =>
  evaluateExpression(expression, answer, { clock: sampleClock, salt: "x", variables: {} });
const waitAfter = (hint: RateHint | undefined, headers: Record<string, string>, body: unknown = null) =>
  leaveAloneMs(hint, { status: 200, headers, body }, evaluate);

const date = "Fri, 27 Nov 2026 10:00:00 GMT";
const headers = (format: "seconds" | "epochSeconds" | "epochMs" | "date", least?: number): RateHint => ({
  type: "headers",
  remaining: "X-Remaining",
  reset: "X-Reset",
  format,
  ...(least === undefined ? {} : { least }),
});

describe("headers", () => {
  it.each([
    ["seconds", "30", 30_000],
    ["epochSeconds", String(Date.parse(date) / 1000 + 30), 30_000],
    ["epochMs", String(Date.parse(date) + 1_500), 1_500],
    ["date", "Fri, 27 Nov 2026 10:01:00 GMT", 60_000],
    ["seconds", "soon", undefined],
    ["epochMs", "1", undefined],
  ] as const)("that count %s: %s", async (format, reset, expected) => {
    expect(await waitAfter(headers(format), { date, "x-remaining": "0", "x-reset": reset })).toBe(expected);
  });

  it("ask for no wait while enough is left, or where they are not there", async () => {
    const seen = { date, "x-remaining": "2", "x-reset": "30" };
    expect(await waitAfter(headers("seconds"), seen)).toBeUndefined();
    expect(await waitAfter(headers("seconds", 2), seen)).toBe(30_000);
    expect(await waitAfter(headers("seconds"), { date })).toBeUndefined();
    expect(await waitAfter(undefined, seen)).toBeUndefined();
  });
});

describe("the cost of GraphQL", () => {
  const hint: RateHint = {
    type: "cost",
    cost: "body.extensions.cost.requestedQueryCost",
    available: "body.extensions.cost.throttleStatus.currentlyAvailable",
    perSecond: "body.extensions.cost.throttleStatus.restoreRate",
  };
  const answered = (currentlyAvailable: number) => ({
    extensions: {
      cost: { requestedQueryCost: 752, throttleStatus: { maximumAvailable: 2000, currentlyAvailable, restoreRate: 100 } },
    },
  });

  it("is waited for until the next request of its kind fits", async () => {
    expect(await waitAfter(hint, {}, answered(252))).toBe(5_000);
    expect(await waitAfter(hint, {}, answered(752))).toBeUndefined();
  });

  it("asks for no wait where it is not said, or an expression fails", async () => {
    expect(await waitAfter(hint, {}, {})).toBeUndefined();
    expect(await waitAfter({ ...hint, cost: "$number('x')" }, {}, answered(0))).toBeUndefined();
  });
});
