import type { RenderedRequest } from "#nodes/plan.ts";
import type { Deployments } from "#runtime/engine/deployments.ts";
import type { Performed } from "#runtime/engine/perform.ts";
import { acceptableOf, type Incoming, versionsWith } from "#runtime/sources/acceptable.ts";
import { matches } from "#runtime/sources/fileSteps.ts";
import { type Acceptable, insertAccepted } from "#runtime/store/accept.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { Db } from "#runtime/store/database.ts";
import { sha256 } from "#runtime/store/ids.ts";
import { subscriptionsOf } from "#runtime/store/sources.ts";

/** Header in which the operation gives the effect's key. */
const EVENT_ID = "event-id";

/** What publishing needs. */
export interface EventParts {
  db: Db;
  deployments: Pick<Deployments, "find">;
}

/**
 * Makes an event a message of every source that subscribes to its topic over the same connection, all in one commit.
 * Published again it comes to nobody twice: by effect and content each subscriber has it once. Messages of one key go one
 * after another, as those of any document do.
 */
export async function publishEvent(parts: EventParts, connection: OpenConnection, request: RenderedRequest): Promise<Performed> {
  const topic = decodeURIComponent(request.path).replace(/^\/+/, "");
  const { key, data } = (request.body ?? {}) as { key?: unknown; data?: unknown };
  const body = { topic, key: key ?? null, data: data ?? null };
  const contentHash = sha256(JSON.stringify(body));
  const incoming: Incoming = {
    body,
    contentHash,
    dedupeKey: `${request.headers[EVENT_ID] ?? ""} ${contentHash}`,
    documentKey: typeof key === "string" && key !== "" ? key : null,
    documentVersion: null,
    headers: {},
  };
  const messages: Acceptable[] = [];
  for (const { id, environment, flow, node } of await subscriptionsOf(parts.db, connection.id)) {
    const deployed = await parts.deployments.find(environment, flow);
    const version = deployed && versionsWith(deployed, node).at(-1);
    const subscribed = version?.flow.nodes.find((each) => each.id === node);
    // Deployed a moment ago: what is remembered of deployments does not show it yet, and no event may pass it by.
    if (!deployed || !subscribed) return notYet(flow);
    if (!matches(String(subscribed.config?.topic ?? "*"), topic)) continue;
    const message = acceptableOf(deployed, { bindingId: id, node }, incoming);
    if (message) messages.push(message);
  }
  if (messages.length > 0) await insertAccepted(parts.db, messages);
  const flows = messages.map(({ flow }) => flow);
  return { ok: true, response: { status: 202, headers: {}, body: JSON.stringify({ topic, subscribers: flows.length, flows }) } };
}

const notYet = (flow: string): Performed => ({
  ok: false,
  failure: {
    class: "transient",
    reason: { code: "events.subscriberNotReady", message: `The flow ${flow} subscribes, but was deployed only just now.` },
  },
  applied: "no",
});
