import { operationOf } from "#nodes/connector/operation.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { LockedVersion } from "#runtime/engine/promotion/risks.ts";
import { tryConnection } from "#runtime/engine/tryConnection.ts";
import { type OpenConnection, openConnections } from "#runtime/store/connections.ts";
import type { PromotionCheck } from "#schemas/promotion.ts";

/**
 * Tries each connection that the version would send requests over: with the question that its connector declares, else by
 * asking for its address, which proves only that something is there.
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
  const { outcome, message } = await tryConnection(engine, connector, connection);
  return { outcome: outcome === "passed" || outcome === "reached" ? "passed" : "failed", detail: message };
}

/** Whether requests go over a slot: what only takes messages in is asked by nobody. */
function isAsked({ flow, lock }: LockedVersion, slot: string): boolean {
  return flow.nodes.some((node) => {
    if (node.slot !== slot || node.disabled) return false;
    const operation = operationOf(lock, lock.manifests[node.type]);
    if (operation?.transport === "webhook") return operation.fetch !== undefined;
    return operation !== undefined && (operation.kind !== "source" || operation.transport === "poll");
  });
}
