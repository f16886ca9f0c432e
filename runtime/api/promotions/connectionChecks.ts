import { operationOf } from "#nodes/connector/operation.ts";
import { crossing } from "#runtime/crashPoints.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { LockedVersion } from "#runtime/engine/promotion/risks.ts";
import { tryConnection } from "#runtime/engine/tryConnection.ts";
import { type OpenConnection, openConnections } from "#runtime/store/connections.ts";
import type { Connector } from "#schemas/connector.ts";
import type { PromotionCheck } from "#schemas/promotion.ts";

/** A system that takes longer to say anything is down for an order too. */
const TEST_TIMEOUT_MS = 10_000;

/** Statuses that say that somebody else's credentials are needed. */
const REFUSED: readonly number[] = [401, 403];

/**
 * Tries each connection that the version would send requests over: with the question that its connector declares, else by
 * asking for its address. Whatever the system answers to that but a refusal or a failure of its own shows that it is there.
 */
export async function connectionChecks(
  engine: EngineParts,
  version: LockedVersion,
  slots: Readonly<Record<string, string>>,
): Promise<PromotionCheck[]> {
  const used = Object.entries(slots).flatMap(([slot, id]) => (isAsked(version, slot) ? [id] : []));
  const connections = await openConnections(engine.db, engine.box, [...new Set(used)]);
  return Promise.all(
    connections.map(async (connection) => ({
      name: "connection" as const,
      subject: connection.name,
      ...(await tried(engine, version, connection)),
    })),
  );
}

type Tried = Pick<PromotionCheck, "outcome" | "detail">;

async function tried(engine: EngineParts, { lock }: LockedVersion, connection: OpenConnection): Promise<Tried> {
  const connector = lock.connectors[connection.connector];
  if (connection.state !== "active")
    return { outcome: "failed", detail: `It is ${connection.state}: ${connection.stateReason ?? ""}` };
  if (!connector) return { outcome: "failed", detail: `The version was made without the connector ${connection.connector}.` };
  const { outcome, message } = await tryConnection(engine, lock, connection.id);
  return outcome === "untested" ? reached(engine, connector, connection) : { outcome, detail: message };
}

async function reached(engine: EngineParts, connector: Connector, connection: OpenConnection): Promise<Tried> {
  const request = { method: "GET", path: "/", query: {}, headers: {}, timeoutMs: TEST_TIMEOUT_MS };
  const performed = await crossing("request.read", () => engine.http.perform(connector, connection, request));
  if (!performed.ok) return { outcome: "failed", detail: performed.failure.reason.message };
  const { status } = performed.response;
  if (REFUSED.includes(status)) return { outcome: "failed", detail: `It refused the credentials with ${status}.` };
  return { outcome: status >= 500 ? "failed" : "passed", detail: `It answered ${status}.` };
}

/** Whether requests go over a slot: what only takes messages in is asked by nobody. */
function isAsked({ flow, lock }: LockedVersion, slot: string): boolean {
  return flow.nodes.some((node) => {
    if (node.slot !== slot || node.disabled) return false;
    const operation = operationOf(lock, lock.manifests[node.type]);
    if (operation?.transport === "webhook") return operation.fetch !== undefined;
    return operation?.transport === "http" || operation?.transport === "poll";
  });
}
