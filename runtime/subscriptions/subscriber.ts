import { baseUrl, fillIn } from "#nodes/connector/connection.ts";
import { operationOf } from "#nodes/connector/operation.ts";
import type { Subscriber } from "#nodes/connector/subscription/subscribe.ts";
import { plainPathTemplate } from "#nodes/expression/template.ts";
import { currentFlow } from "#nodes/migrate/currentFlow.ts";
import type { Lock } from "#nodes/plan.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { ClaimedSubscription } from "#runtime/store/subscriptions.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Reason } from "#schemas/outcome.ts";
import type { Subscription } from "#schemas/subscription.ts";

/** Where the webhooks of a source are taken in. */
const hookAddress = (
  hooksUrl: string,
  { environment, flow, node }: Pick<ClaimedSubscription, "environment" | "flow" | "node">,
): string => `${hooksUrl.replace(/\/+$/, "")}/hooks/${environment}/${flow}/${node}`;

/** All that is known of a subscription that is to be seen to. */
export interface Subscribing {
  subscriber: Subscriber;
  /** The whole connector: its auth is needed to ask. */
  connector: Connector;
  connection: OpenConnection;
  subscription: Subscription;
  /** What the system is to prove itself with, and what tells it from another. */
  proof: { value: string; mark: string } | null;
}

export type Prepared =
  | { ok: true; subscribing: Subscribing }
  /** `gone`: the words are no more, and nothing can be asked. */
  | { ok: false; state: "byHand" | "noAddress"; reason: Reason }
  | { ok: false; state: "gone" };

/** Puts together what a subscription is: the words of its version, today's connection, our address. */
export async function prepareSubscriber(parts: EngineParts, claimed: ClaimedSubscription): Promise<Prepared> {
  const [words, connection] = await Promise.all([wordsOf(parts, claimed), parts.deployments.connection(claimed.connectionId)]);
  const hooksUrl = reachedAt(parts, connection);
  // A queue has an address of its own, which is asked for later.
  const queue = words?.subscription.to === undefined ? null : "";
  const address = queue ?? (hooksUrl === undefined ? claimed.address : hookAddress(hooksUrl, claimed));
  if (!words || !connection || (!claimed.wanted && address === null)) return { ok: false, state: "gone" };
  if (address === null) return { ok: false, state: "noAddress", reason: noAddress };
  const { connector, subscription, type, config } = words;
  const context = { config: connection.config, secrets: connection.secrets };
  let proof: Subscribing["proof"] = null;
  try {
    baseUrl(connector, connection.config, subscription.create.base);
    if (subscription.proof && claimed.wanted) {
      const known = { ...context, address };
      const lacks = subscription.proof.optional === true && plainPathTemplate(subscription.proof.value)(known) === "";
      const value = lacks ? "" : fillIn(subscription.proof.value, known);
      proof = lacks ? null : { value, mark: parts.box.fingerprint(value) };
    }
  } catch (error) {
    return { ok: false, state: "byHand", reason: byHand(connector, address, error instanceof Error ? error.message : "") };
  }
  const subscriber: Subscriber = {
    // Neither its other operations nor its simulator say anything of this.
    connector: { ...connector, operations: {}, simulator: undefined } as unknown as Connector,
    type,
    subscription,
    config,
    connection: connection.config,
    address,
    name: `Orderloom ${claimed.environment} ${claimed.flow} ${claimed.node}`,
    now: claimed.now.toISOString(),
  };
  return { ok: true, subscribing: { subscriber, connector, connection, subscription, proof } };
}

/** The sandbox's systems are on this machine, and reach the server where it listens. */
function reachedAt({ settings }: EngineParts, connection: OpenConnection | undefined): string | undefined {
  const { hooksUrl, port } = settings;
  return hooksUrl ?? (connection?.sandbox === true && port > 0 ? `http://127.0.0.1:${port}` : undefined);
}

/** What the connector of the version says. */
async function wordsOf({ db }: EngineParts, { versionId, node: id }: ClaimedSubscription) {
  const row = await db.selectFrom("version").select(["flow", "lock"]).where("id", "=", versionId).executeTakeFirst();
  if (!row) return undefined;
  const lock = JSON.parse(row.lock) as Lock;
  const node = currentFlow(JSON.parse(row.flow) as Flow).nodes.find((each) => each.id === id);
  const manifest = node && lock.manifests[node.type];
  const operation = operationOf(lock, manifest);
  const connector = lock.connectors[manifest?.connector ?? ""];
  if (!node || !connector || (operation?.transport !== "webhook" && operation?.transport !== "poll")) return undefined;
  if (!operation.subscription) return undefined;
  return { connector, subscription: operation.subscription, type: node.type, config: node.config ?? {} };
}

const noAddress: Reason = {
  code: "subscription.noAddress",
  message: "The system was not told where to send: this server does not know the address by which the outside reaches it.",
  hint: "Set ORDERLOOM_HOOKS_URL to it, or enter the source's address at the system by hand.",
};

export const byHand = ({ title }: Connector, address: string, why: string): Reason => ({
  code: "subscription.byHand",
  message: `${title} cannot be told where to send: ${why || "the connection lacks what it takes to ask."}`,
  hint:
    address === ""
      ? "Enter it in the connection, or subscribe by hand."
      : `Enter it in the connection, or ${address} at ${title} by hand.`,
});
