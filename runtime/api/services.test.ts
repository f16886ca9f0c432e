import { describe, expect, it } from "vitest";
import type { CalledRun } from "#runtime/store/answers.ts";
import type { OutcomeClass } from "#schemas/outcome.ts";
import { ApiFailure } from "./errors.ts";
import { answerOf } from "./services.ts";

const run = (more: Partial<CalledRun>): CalledRun => ({ id: "r", state: "RUNNING", response: null, failed: null, ...more });
const failed = (kind: OutcomeClass) => ({ node: "erp", class: kind, reason: { code: "x", message: "The ERP said no." } });

const outcome = (found: CalledRun | undefined): unknown => {
  try {
    return answerOf("m", found);
  } catch (error) {
    return error instanceof ApiFailure ? [error.statusCode, error.code, error.details] : error;
  }
};

describe("what a caller is told", () => {
  it("is the response, whatever else became of the run", () => {
    const response = JSON.stringify({ status: 201, body: { a: 1 } });
    for (const state of ["RUNNING", "SUCCEEDED", "PARTIAL", "DEAD", "CANCELLED"] as const)
      expect(outcome(run({ state, response, failed: failed("bug") }))).toEqual({ status: 201, body: { a: 1 } });
  });

  it("is to ask again while nothing is known, and that it is done where nothing was responded", () => {
    const pending = { status: 202, body: { receipt: "m", state: "RUNNING" }, pending: true };
    expect(outcome(undefined)).toEqual(pending);
    expect(outcome(run({}))).toEqual(pending);
    expect(outcome(run({ state: "SUCCEEDED" }))).toEqual({ status: 200, body: { receipt: "m", state: "SUCCEEDED" } });
    expect(outcome(run({ state: "CANCELLED" }))).toEqual([409, "callCancelled", { receipt: "m" }]);
  });

  it.each<[OutcomeClass, number]>([
    ["invalid", 422],
    ["rejected", 422],
    ["duplicate", 422],
    ["tooLarge", 422],
    ["transient", 502],
    ["timeout", 502],
    ["inDoubt", 502],
    ["poison", 502],
    ["bug", 502],
  ])("of a run that died of %s is %i with the reason", (kind, status) => {
    for (const state of ["DEAD", "PARTIAL"] as const) {
      expect(outcome(run({ state, failed: failed(kind) }))).toEqual([
        status,
        status === 422 ? "callRejected" : "callFailed",
        { receipt: "m", ...failed(kind) },
      ]);
    }
    // Its letters may be gone already.
    expect(outcome(run({ state: "DEAD" }))).toEqual([502, "callFailed", { receipt: "m" }]);
  });
});
