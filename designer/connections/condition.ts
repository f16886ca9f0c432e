import type { ListedConnection } from "#schemas/connection.ts";

/** What a person should know first about a connection. */
export type Condition = "active" | "paused" | "authFailed" | "notAnswering" | "tried" | "askedToWait" | "atRate";

/** What holds a connection's effects back: what a person did comes before what the target did. */
export function conditionOf({ state, health }: Pick<ListedConnection, "state" | "health">): Condition {
  if (state !== "active") return state;
  if (health.breaker === "open") return "notAnswering";
  if (health.breaker === "halfOpen") return "tried";
  if (health.closedUntil !== null) return "askedToWait";
  return health.waiting > 0 && health.rates.some(({ tokens }) => tokens < 1) ? "atRate" : "active";
}
