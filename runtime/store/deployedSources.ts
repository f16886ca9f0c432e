import type { Transaction } from "kysely";
import { operationOf } from "#nodes/connector/operation.ts";
import type { Lock } from "#nodes/plan.ts";
import type { Flow } from "#schemas/flow.ts";
import type { SourceTransport } from "#schemas/source.ts";
import type { DeployedSource } from "./sources.ts";
import type { Database } from "./tables.ts";

/** A source with the version that has it, whose words say how it is subscribed to, if it is. */
export interface SourceOfVersion extends DeployedSource {
  versionId: string;
  subscribes: boolean;
}

/** The sources of the versions that a deployment runs; where two versions have a node of one id, the newer one's. */
export async function deployedSources(tx: Transaction<Database>, deploymentId: string): Promise<SourceOfVersion[]> {
  const versions = await tx
    .selectFrom("deployment_version as d")
    .innerJoin("version as v", "v.id", "d.version_id")
    .select(["v.id", "v.flow", "v.lock"])
    .where("d.deployment_id", "=", deploymentId)
    .orderBy("v.number")
    .execute();
  const slots = await tx
    .selectFrom("deployment_slot")
    .select(["slot", "connection_id"])
    .where("deployment_id", "=", deploymentId)
    .execute();
  const connections = new Map(slots.map((each) => [each.slot, each.connection_id]));
  const found = versions.flatMap(({ id: versionId, flow, lock }) =>
    sourcesOf(JSON.parse(flow) as Flow, JSON.parse(lock) as Lock, connections).map((each) => ({ ...each, versionId })),
  );
  return [...new Map(found.map((each) => [each.node, each])).values()];
}

function sourcesOf(flow: Flow, lock: Lock, connections: ReadonlyMap<string, string>): Omit<SourceOfVersion, "versionId">[] {
  return flow.nodes.flatMap(({ id: node, type, slot, disabled }) => {
    const transport = disabled ? undefined : transportOf(lock, type);
    if (!transport) return [];
    const connectionId = slot === undefined ? null : (connections.get(slot) ?? null);
    // Without its connection a source cannot look.
    if (transport !== "schedule" && connectionId === null) return [];
    return [{ node, transport, connectionId, subscribes: isSubscribed(lock, type) }];
  });
}

function transportOf(lock: Lock, type: string): SourceTransport | undefined {
  const manifest = Object.hasOwn(lock.manifests, type) ? lock.manifests[type] : undefined;
  if (manifest?.kind !== "source") return undefined;
  if (type === "schedule") return "schedule";
  const operation = operationOf(lock, manifest);
  return operation?.kind === "source" ? operation.transport : undefined;
}

function isSubscribed(lock: Lock, type: string): boolean {
  const operation = operationOf(lock, lock.manifests[type]);
  return (operation?.transport === "webhook" || operation?.transport === "poll") && operation.subscription !== undefined;
}
