import { sql, type Transaction } from "kysely";
import type { NotedSubscription } from "#nodes/connector/subscription/reconcile.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { SubscriptionState, WebhookSubscription } from "#schemas/webhookSubscription.ts";
import { type AuditEntry, audit } from "./audit.ts";
import type { Db } from "./database.ts";
import type { SourceOfVersion } from "./deployedSources.ts";
import { transact, writing } from "./durable.ts";
import { storable } from "./recordset.ts";
import type { SecretBox } from "./secrets.ts";
import { type GivenSecret, putGivenSecrets } from "./subscriptionSecrets.ts";
import type { Database } from "./tables.ts";

/** The subscription of a source that this process may see to, until its lease ends or it is noted as done. */
export interface ClaimedSubscription {
  /** Of the source's binding. */
  id: string;
  environment: string;
  flow: string;
  node: string;
  connectionId: string;
  versionId: string;
  wanted: boolean;
  asked: number;
  address: string | null;
  noted: NotedSubscription[];
  failures: number;
  epoch: number;
  /** True where another source, at the same address and account, wants what this one leaves behind. */
  inherited: boolean;
  /** The database's time. */
  now: Date;
}

/**
 * Makes the subscriptions of a flow in an environment what its deployed versions say: each is looked at anew, those of sources
 * that are gone are to go.
 */
export async function syncSubscriptions(
  tx: Transaction<Database>,
  environment: string,
  flow: string,
  sources: readonly SourceOfVersion[],
): Promise<void> {
  const rows = JSON.stringify(sources.filter(({ subscribes }) => subscribes));
  await sql`
    update webhook_subscription s set wanted = false, asked = asked + 1, failures = 0, due_at = clock_now()
    from source_binding b
    where b.id = s.binding_id and b.environment = ${environment} and b.flow_id = ${flow} and s.wanted and not exists (
      select 1 from json_to_recordset(${rows}::json) as g(node text, "connectionId" uuid)
      where g.node = b.node_id and g."connectionId" = b.connection_id)`.execute(tx);
  await sql`
    insert into webhook_subscription as s (binding_id, version_id, wanted, due_at, created_at)
    select b.id, g."versionId", true, clock_now(), clock_now()
    from json_to_recordset(${rows}::json) as g(node text, "connectionId" uuid, "versionId" uuid)
    join source_binding b on b.environment = ${environment} and b.flow_id = ${flow} and b.node_id = g.node
      and b.connection_id = g."connectionId"
    order by b.id
    on conflict (binding_id) do update
      set version_id = excluded.version_id, wanted = true, asked = s.asked + 1, failures = 0, due_at = clock_now()`.execute(tx);
}

/** Has the subscriptions over a connection looked at anew, which was changed. */
export async function lookAtSubscriptions(tx: Transaction<Database>, connectionId: string): Promise<void> {
  await sql`
    update webhook_subscription s set asked = asked + 1, failures = 0, due_at = clock_now()
    from source_binding b where b.id = s.binding_id and b.connection_id = ${connectionId}`.execute(tx);
}

/** Has those looked at anew that were told another address, or none for want of one. */
export async function lookAtAddresses(db: Db, hooksUrl: string): Promise<void> {
  await sql`
    update webhook_subscription set asked = asked + 1, due_at = clock_now()
    where wanted and (state = 'noAddress' or not starts_with(address, ${hooksUrl}))`.execute(writing(db, "subscription.again"));
}

/** Takes up to `most` subscriptions over open connections that are due and nobody sees to. */
export async function claimSubscriptions(
  db: Db,
  by: { worker: string; workerGroup: string; leaseMs: number; most: number },
): Promise<ClaimedSubscription[]> {
  const { rows } = await sql<ClaimedSubscription>`
    with own as materialized (
      select s.binding_id from webhook_subscription s
      join source_binding b on b.id = s.binding_id join connection c on c.id = b.connection_id
      where s.due_at <= clock_now() and (s.lease_until is null or s.lease_until < clock_now())
        and c.state = 'active' and c.worker_group = ${by.workerGroup}
      order by s.due_at limit ${by.most} for update of s skip locked
    )
    update webhook_subscription s set epoch = s.epoch + 1, worker = ${by.worker},
      lease_until = clock_now() + make_interval(secs => ${by.leaseMs / 1000})
    from own, source_binding b where s.binding_id = own.binding_id and b.id = s.binding_id
    returning s.binding_id as id, b.environment, b.flow_id as flow, b.node_id as node, b.connection_id as "connectionId",
      s.version_id as "versionId", s.wanted, s.asked, s.address, s.noted, s.failures, s.epoch, clock_now() as now,
      not s.wanted and exists (
        select 1 from webhook_subscription other join source_binding o on o.id = other.binding_id
        join connection oc on oc.id = o.connection_id join connection own on own.id = b.connection_id
        where other.wanted and o.environment = b.environment and o.flow_id = b.flow_id and o.node_id = b.node_id
          and oc.connector = own.connector and oc.system_account = own.system_account) as inherited`.execute(
    writing(db, "subscription.claim"),
  );
  return rows;
}

/** Keeps a subscription whose look takes long. False when it is somebody else's by now. */
export async function keepSubscription(db: Db, { id, epoch }: ClaimedSubscription, leaseMs: number): Promise<boolean> {
  const { rows } = await sql`
    update webhook_subscription set lease_until = clock_now() + make_interval(secs => ${leaseMs / 1000})
    where binding_id = ${id} and epoch = ${epoch} returning 1`.execute(writing(db, "subscription.renew"));
  return rows.length > 0;
}

/** What one step of a look did at the system. */
export type SubscriptionChange = Pick<AuditEntry, "action" | "detail">;

/** What a step leaves to be noted. */
interface NotedStep {
  noted: readonly NotedSubscription[];
  address: string;
  change?: SubscriptionChange;
  given?: GivenSecret;
}

/**
 * Notes one step, what the system gave with it, and what it changed in the audit. False, and nothing written, when it is somebody
 * else's by now.
 */
export async function noteStep(
  db: Db,
  box: SecretBox,
  claimed: ClaimedSubscription,
  { noted, address, change, given }: NotedStep,
): Promise<boolean> {
  return transact(db, given ? "subscription.secret" : "subscription.note", async (tx) => {
    const { rows } = await sql`
      update webhook_subscription set noted = ${JSON.stringify(noted)}, address = ${address}
      where binding_id = ${claimed.id} and epoch = ${claimed.epoch} returning 1`.execute(tx);
    if (rows.length === 0) return false;
    await putGivenSecrets(tx, box, { binding: claimed.id, ...claimed }, { given, noted });
    const { environment, flow: subject, node } = claimed;
    if (change) await audit(tx, { actor: "engine", environment, subject, ...change, detail: { node, ...change.detail } });
    return true;
  });
}

/** How a look ended. */
export type SubscriptionEnd =
  | { state: "standing"; afterMs: number }
  | { state: "failing"; afterMs: number; error: { class: OutcomeClass; reason: Reason } }
  /** Nothing can be asked until a person changes something. */
  | { state: "byHand" | "noAddress"; reason: Reason }
  /** Nothing is wanted any more, and nothing stands. */
  | { state: "gone" };

/** Notes how a look ended, and when the next is: at once where something else was asked for meanwhile. */
export async function endLook(db: Db, { id, epoch, asked }: ClaimedSubscription, end: SubscriptionEnd): Promise<void> {
  if (end.state === "gone") {
    await sql`
      with own as (delete from webhook_subscription
        where binding_id = ${id} and epoch = ${epoch} and asked = ${asked} and not wanted returning 1)
      update webhook_subscription set lease_until = null
      where binding_id = ${id} and epoch = ${epoch} and not exists (select 1 from own)`.execute(writing(db, "subscription.note"));
    return;
  }
  const failed = end.state === "failing";
  const error = failed ? end.error : "reason" in end ? { class: null, reason: end.reason } : null;
  const afterMs = "afterMs" in end ? end.afterMs : null;
  await sql`
    update webhook_subscription set state = ${end.state}, checked_at = clock_now(), lease_until = null,
      failures = case when ${failed} then failures + 1 else 0 end,
      last_error = ${error === null ? null : jsonText(error)}::jsonb
        || jsonb_build_object('at', to_char(clock_now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
      due_at = case when asked <> ${asked} then clock_now()
        when ${afterMs}::float8 is null then null else clock_now() + make_interval(secs => ${afterMs ?? 0}::float8 / 1000) end
    where binding_id = ${id} and epoch = ${epoch}`.execute(writing(db, "subscription.note"));
}

/** Text of a system's answer may hold what jsonb cannot. */
const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === "string" ? storable(each) : each));

type Row = Omit<WebhookSubscription, "checkedAt" | "dueAt" | "subscribed"> & {
  checkedAt: Date | null;
  dueAt: Date | null;
  noted: NotedSubscription[];
  state: SubscriptionState;
};

/** The subscriptions of an environment, or the one of that id. */
export async function listSubscriptions(db: Db, environment: string, id?: string): Promise<WebhookSubscription[]> {
  const { rows } = await sql<Row>`
    select s.binding_id as id, b.environment, b.flow_id as flow, b.node_id as node, c.name as connection, s.wanted,
      case when c.state <> 'active' and s.due_at is not null then 'held' else s.state end as state,
      s.address, s.noted, s.failures, s.last_error as "lastError", s.checked_at as "checkedAt", s.due_at as "dueAt"
    from webhook_subscription s join source_binding b on b.id = s.binding_id join connection c on c.id = b.connection_id
    where b.environment = ${environment} and (${id ?? null}::uuid is null or s.binding_id = ${id ?? null})
    order by b.flow_id, b.node_id, c.name`.execute(db);
  return rows.map(({ noted, ...row }) => ({
    ...row,
    checkedAt: row.checkedAt?.toISOString() ?? null,
    dueAt: row.dueAt?.toISOString() ?? null,
    subscribed: noted.map(({ id: known, topic, expiresAt }) => ({
      id: known,
      topic,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    })),
  }));
}

/** Has a subscription looked at now, as a person asks. */
export async function retrySubscription(db: Db, { id, environment, flow, node }: Subscribed, actor: string): Promise<void> {
  await transact(db, "subscription.again", async (tx) => {
    await sql`
      update webhook_subscription set asked = asked + 1, failures = 0, due_at = clock_now() where binding_id = ${id}`.execute(tx);
    await audit(tx, { actor, action: "subscription.retried", environment, subject: flow, detail: { node } });
  });
}

type Subscribed = Pick<WebhookSubscription, "id" | "environment" | "flow" | "node">;

/** Forgets what could not be taken out of a system that nobody reaches any more. False while it is wanted. */
export async function forgetSubscription(db: Db, { id, environment, flow, node }: Subscribed, actor: string): Promise<boolean> {
  return transact(db, "subscription.again", async (tx) => {
    const { rows } = await sql`delete from webhook_subscription where binding_id = ${id} and not wanted returning 1`.execute(tx);
    if (rows.length === 0) return false;
    await audit(tx, { actor, action: "subscription.forgotten", environment, subject: flow, detail: { node } });
    return true;
  });
}
