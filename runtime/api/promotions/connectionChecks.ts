import { operationOf } from "#nodes/connector/operation.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { LockedVersion } from "#runtime/engine/promotion/risks.ts";
import { tryConnection } from "#runtime/engine/tryConnection.ts";
import { type OpenConnection, openConnections } from "#runtime/store/connections.ts";
import type { Connection, ConnectionTested } from "#schemas/connection.ts";
import type { PromotionCheck } from "#schemas/promotion.ts";

/** A connection with what came of its last test. */
type Tested = Connection & { tested: ConnectionTested | null };

/**
 * Tries each connection that the version would send requests over: with the question that its connector declares, else by
 * asking for its address, which proves only that something is there. For who does not operate the environment nothing is asked: the last test
 * that was kept is told.
 */
export async function connectionChecks(
  engine: EngineParts,
  version: LockedVersion,
  slots: Readonly<Record<string, string>>,
  { operates, known }: { operates: boolean; known: readonly Tested[] },
): Promise<PromotionCheck[]> {
  const used = Object.entries(slots).flatMap(([slot, id]) => (isAsked(version, slot) ? [id] : []));
  if (!operates) return known.filter(({ id }) => used.includes(id)).map((each) => lastTest(each, new Date()));
  const connections = await openConnections(engine.db, engine.box, [...new Set(used)]);
  return Promise.all(
    connections.map(async (connection) => ({
      name: "connection" as const,
      subject: connection.name,
      ...(await tried(engine, version, connection)),
    })),
  );
}

/** What a connection's last test says of it, and how long ago. It was never tested: whoever approves looks at that. */
export function lastTest({ name, state, stateReason, tested }: Tested, now: Date): PromotionCheck {
  const about = { name: "connection" as const, subject: name };
  if (state !== "active") return { ...about, ...shut({ state, stateReason }) };
  if (!tested) {
    const detail = "It was never tested. Somebody who operates the environment tests it on the page Connections.";
    return { ...about, outcome: "warned", detail };
  }
  const { outcome, message, at, by } = tested;
  return { ...about, ...said(outcome, `Tested ${ago(now.getTime() - Date.parse(at))} by ${by}: ${message}`) };
}

const HOUR_MS = 3_600_000;

function ago(ms: number): string {
  const [count, unit] =
    ms < 2 * HOUR_MS ? [ms / 60_000, "minutes"] : ms < 48 * HOUR_MS ? [ms / HOUR_MS, "hours"] : [ms / (24 * HOUR_MS), "days"];
  return `${Math.max(0, Math.round(count))} ${unit} ago`;
}

const shut = ({ state, stateReason }: Pick<Connection, "state" | "stateReason">): Tried => ({
  outcome: "failed",
  detail: `It is ${state}: ${stateReason ?? ""}`,
});

type Tried = Pick<PromotionCheck, "outcome" | "detail">;

/** What is there without saying that it lets the connection in is as much as some systems can be asked. */
const said = (outcome: ConnectionTested["outcome"], detail: string): Tried => ({
  outcome: outcome === "passed" || outcome === "reached" ? "passed" : "failed",
  detail,
});

async function tried(engine: EngineParts, { lock }: LockedVersion, connection: OpenConnection): Promise<Tried> {
  const connector = lock.connectors[connection.connector];
  if (connection.state !== "active") return shut(connection);
  if (!connector) return { outcome: "failed", detail: `The version was made without the connector ${connection.connector}.` };
  const { outcome, message } = await tryConnection(engine, connector, connection);
  return said(outcome, message);
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
