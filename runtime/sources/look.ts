import { operationOf } from "#nodes/connector/operation.ts";
import type { Plan } from "#nodes/plan.ts";
import type { DeployedFlow } from "#runtime/engine/deployments.ts";
import type { Failure } from "#runtime/engine/outcome.ts";
import { retryPolicy } from "#runtime/engine/outcome.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import { type OpenConnection, refuseConnection } from "#runtime/store/connections.ts";
import { type ClaimedSource, commitStep, failSource, releaseSource, type SourceStep } from "#runtime/store/sources.ts";
import type { Connector, ConnectorOperation } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { RetryPolicy } from "#schemas/outcome.ts";
import { acceptableOf, type Incoming, versionsWith } from "./acceptable.ts";
import { lookAgain } from "./lookAgain.ts";

/** Documents of one commit that are hinted at once; more of them wait for their fair turn, which the sweep gives. */
const FEW = 8;

/** One look of a source: what it is now, and what the look can do. */
export interface Look {
  parts: EngineParts;
  source: ClaimedSource;
  /** Ends when the lease is lost or the process stops: then nothing more is begun. */
  signal: AbortSignal;
}

/** A source as it is deployed at this moment. */
export interface LookedAt {
  deployed: DeployedFlow;
  node: FlowNode;
  plan: Plan;
  /** Undefined for a schedule. */
  operation: ConnectorOperation | undefined;
  connector: Connector | undefined;
  connection: OpenConnection | undefined;
}

/** The source as it stands; undefined when it must not look now: paused, gone, or bound to another connection. */
export async function lookedAt({ parts, source }: Look): Promise<LookedAt | undefined> {
  const deployed = await parts.deployments.find(source.environment, source.flow);
  const version = deployed && versionsWith(deployed, source.node).at(-1);
  const node = version?.flow.nodes.find(({ id }) => id === source.node);
  if (deployed?.state !== "active" || !version || !node) return undefined;
  const plan = await deployed.plan(version.id, null);
  const manifest = plan.lock.manifests[node.type];
  const connection = node.slot === undefined ? undefined : deployed.connections.get(node.slot);
  if ((connection?.id ?? null) !== source.connectionId || (connection && connection.state !== "active")) return undefined;
  const connector = plan.lock.connectors[manifest?.connector ?? ""];
  return { deployed, node, plan, operation: operationOf(plan.lock, manifest), connector, connection };
}

/** Commits documents and the cursor past them, and hints their tasks. False when the source is somebody else's now. */
export async function commit(
  { parts, source }: Look,
  deployed: DeployedFlow,
  incoming: readonly Incoming[],
  step: Omit<SourceStep, "messages">,
): Promise<boolean> {
  const hinted = incoming.length <= FEW;
  const messages = incoming.flatMap((each) => {
    const acceptable = acceptableOf(deployed, { bindingId: source.id, node: source.node }, each);
    return acceptable ? [{ ...acceptable, hinted }] : [];
  });
  if (messages.length < incoming.length) return false;
  const accepted = await commitStep(parts.db, source, { ...step, messages }, parts.settings.leaseMs);
  if (!accepted) return false;
  const hints = accepted.flatMap(({ taskId, ready }) => (taskId && ready ? [{ task: taskId, epoch: 0 }] : []));
  // Not awaited: the tasks are committed, and the sweep hints what the queue does not take.
  if (hinted && hints.length > 0) {
    parts.queues
      .hint("evaluate", { environment: source.environment, workerGroup: "default" }, hints)
      .catch((error: unknown) => parts.log.debug({ source: source.id, error: String(error) }, "The queue took no hint."));
  }
  return true;
}

/** Notes a failure and when the source looks again; refused credentials pause the connection. */
export async function fail(
  { parts, source }: Look,
  failure: Failure,
  more: { intervalMs: number; cursor: unknown; connection: OpenConnection | undefined; retry: Partial<RetryPolicy> | undefined },
): Promise<void> {
  const { waitMs, pauseConnection } = lookAgain(failure, {
    failures: source.failures + 1,
    intervalMs: more.intervalMs,
    random: Math.random(),
    policy: retryPolicy(more.retry, undefined),
  });
  if (pauseConnection && more.connection) {
    await refuseConnection(parts.db, more.connection, failure.reason.message, "engine");
    parts.deployments.forget();
  }
  await failSource(parts.db, source, failure, { waitMs, cursor: more.cursor });
}

/** Hands the source back, due as it is. */
export const release = ({ parts, source }: Look): Promise<void> => releaseSource(parts.db, source);

/** Time between two looks: the node's own, else the operation's. */
export const intervalOf = (node: FlowNode, intervalMs: number): number =>
  typeof node.config?.everySeconds === "number" ? node.config.everySeconds * 1000 : intervalMs;
