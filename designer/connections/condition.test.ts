import { describe, expect, it } from "vitest";
import type { ConnectionHealth } from "#schemas/connection.ts";
import { conditionOf } from "./condition.ts";

const well: ConnectionHealth = {
  waiting: 0,
  inUse: 0,
  places: 4,
  breaker: "closed",
  failures: 0,
  openedAt: null,
  probeAt: null,
  closedUntil: null,
  rates: [{ operation: null, perSecond: 2, burst: 2, tokens: 0.4 }],
};
const of = (health: Partial<ConnectionHealth>, state: "active" | "paused" | "authFailed" = "active") =>
  conditionOf({ state, health: { ...well, ...health } });

describe("the condition of a connection", () => {
  it("names what holds its effects back, a person's doing first", () => {
    expect(of({})).toBe("active");
    expect(of({ waiting: 3 })).toBe("atRate");
    expect(of({ waiting: 3, rates: [] })).toBe("active");
    expect(of({ closedUntil: "2026-01-01T00:00:00Z", waiting: 3 })).toBe("askedToWait");
    expect(of({ breaker: "open", closedUntil: "2026-01-01T00:00:00Z" })).toBe("notAnswering");
    expect(of({ breaker: "halfOpen" })).toBe("tried");
    expect(of({ breaker: "open" }, "paused")).toBe("paused");
    expect(of({ breaker: "open" }, "authFailed")).toBe("authFailed");
  });
});
