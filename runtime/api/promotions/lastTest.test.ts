import { expect, test } from "vitest";
import type { Connection, ConnectionTested } from "#schemas/connection.ts";
import { lastTest } from "./connectionChecks.ts";

const now = new Date("2026-11-27T12:00:00Z");
const tested: ConnectionTested = {
  outcome: "passed",
  message: "It let the connection in.",
  hint: null,
  status: 200,
  ms: 7,
  at: "2026-11-27T11:00:00Z",
  by: "ada",
};
const connection = (more: Partial<Connection & { tested: ConnectionTested | null }>) =>
  ({ name: "erp", state: "active", stateReason: null, tested, ...more }) as Connection & { tested: ConnectionTested | null };
const told = (more: Parameters<typeof connection>[0]) => {
  const { outcome, detail } = lastTest(connection(more), now);
  return [outcome, detail];
};

test("a connection that is not tried is told by its last test, with its age and who made it", () => {
  expect(told({})).toEqual(["passed", "Tested 60 minutes ago by ada: It let the connection in."]);
  const at = (iso: string) => told({ tested: { ...tested, at: iso } })[1];
  expect(at("2026-11-26T12:00:00Z")).toMatch(/^Tested 24 hours ago/);
  expect(at("2026-11-20T12:00:00Z")).toMatch(/^Tested 7 days ago/);
  expect(told({ tested: { ...tested, outcome: "failed", message: "It answered 401." } })).toEqual([
    "failed",
    "Tested 60 minutes ago by ada: It answered 401.",
  ]);
});

test("one that was never tested is to be looked at, and one that is shut fails whatever its test said", () => {
  expect(told({ tested: null })[0]).toBe("warned");
  expect(told({ state: "paused", stateReason: "Paused by hand." })).toEqual(["failed", "It is paused: Paused by hand."]);
});
