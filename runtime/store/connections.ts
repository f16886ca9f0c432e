import { type Selectable, sql } from "kysely";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Connection, ConnectionTested, ConnectionTestResult } from "#schemas/connection.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { newId } from "./ids.ts";
import { SECRETS_FIELD, type SecretBox, type SecretPlace } from "./secrets.ts";
import { lookAtSubscriptions } from "./subscriptions.ts";
import type { Database } from "./tables.ts";

/** A connection with its secrets, for the engine alone. */
export interface OpenConnection extends Omit<Connection, "secretNames" | "createdAt" | "updatedAt" | "stateAt" | "stateBy"> {
  secrets: Record<string, string>;
  /** Counts changes of state, config and secrets. */
  revision: number;
  /** What the environment allows it to reach besides the open internet. */
  reach: readonly string[];
}

/** What is needed to make or change a connection. Secrets left out stay as they are. */
export interface ConnectionInput {
  environment: string;
  name: string;
  connector: string;
  connectorVersion: string;
  systemAccount: string;
  config: Record<string, unknown>;
  secrets: Record<string, string>;
  sandbox: boolean;
  workerGroup?: string;
  /** Days after which messages from it are purged, as its connector demands. */
  payloadDays?: number | undefined;
}

const sealedAt = ({ id, environment }: { id: string; environment: string }): SecretPlace => ({
  environment,
  connection: id,
  field: SECRETS_FIELD,
});

/** Reads connections by id and opens their secrets. */
export async function openConnections(db: Db, box: SecretBox, ids: string[]): Promise<OpenConnection[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("connection")
    .innerJoin("environment", "environment.id", "connection.environment")
    .selectAll("connection")
    .select("environment.reach")
    .where("connection.id", "in", ids)
    .execute();
  return rows.map((row) => ({
    ...identity(row),
    secrets: row.secrets ? box.open(row.secrets, sealedAt(row)) : {},
    revision: row.revision,
    reach: row.reach,
  }));
}

/** The connections of an environment as people see them: without secrets, with their last test. */
export async function listConnections(
  db: Db,
  environment: string,
): Promise<(Connection & { tested: ConnectionTested | null })[]> {
  const rows = await db.selectFrom("connection").selectAll().where("environment", "=", environment).orderBy("name").execute();
  return rows.map((row) => ({ ...shown(row), tested: testedOf(row) }));
}

const testedOf = ({ test, tested_at: at, tested_by: by }: Selectable<Database["connection"]>): ConnectionTested | null =>
  test && at && by !== null ? { ...test, at: at.toISOString(), by } : null;

/** A connection by name, or undefined. */
export async function findConnection(db: Db, environment: string, name: string): Promise<Connection | undefined> {
  const row = await db
    .selectFrom("connection")
    .selectAll()
    .where("environment", "=", environment)
    .where("name", "=", name)
    .executeTakeFirst();
  return row && shown(row);
}

/** What a connection is for the engine as for people. */
function identity(row: Selectable<Database["connection"]>) {
  return {
    id: row.id,
    environment: row.environment,
    name: row.name,
    connector: row.connector,
    connectorVersion: row.connector_version,
    systemAccount: row.system_account,
    config: row.config,
    state: row.state,
    stateReason: row.state_reason,
    workerGroup: row.worker_group,
    concurrency: row.concurrency,
    sandbox: row.sandbox,
  };
}

const shown = (row: Selectable<Database["connection"]>): Connection => ({
  ...identity(row),
  stateAt: row.state_at.toISOString(),
  stateBy: row.state_by,
  secretNames: row.secret_names,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

/**
 * Makes a connection, or changes the one of that name; answers its id. `check` sees the one that is changed, which nobody
 * else changes meanwhile, and throws when it must not become this.
 */
export async function putConnection(
  db: Db,
  box: SecretBox,
  input: ConnectionInput,
  actor: string,
  check?: (kept: Connection) => void,
): Promise<string> {
  return transact(db, "connection.put", async (tx) => {
    // The row first, then its lock: secrets are sealed for its id, so two who make it at once must agree on one.
    await sql`
      insert into connection (id, environment, name, connector, connector_version, system_account, config, state_at, created_at,
        updated_at, updated_by)
      values (${newId()}, ${input.environment}, ${input.name}, ${input.connector}, ${input.connectorVersion},
        ${input.systemAccount}, ${JSON.stringify(input.config)}, clock_now(), clock_now(), clock_now(), ${actor})
      on conflict do nothing`.execute(tx);
    const old = await tx
      .selectFrom("connection")
      .selectAll()
      .where("environment", "=", input.environment)
      .where("name", "=", input.name)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const { id } = old;
    // A row without secrets was made just now: sealing always leaves some, if only an empty set.
    if (old.secrets) check?.(shown(old));
    const known = old.secrets ? box.open(old.secrets, sealedAt(old)) : {};
    const secrets = { ...known, ...input.secrets };
    await sql`
      update connection set connector = ${input.connector}, connector_version = ${input.connectorVersion},
        system_account = ${input.systemAccount}, config = ${JSON.stringify(input.config)},
        secrets = ${box.seal(secrets, sealedAt(old))}, secret_names = ${Object.keys(secrets).sort()},
        worker_group = ${input.workerGroup ?? "default"}, sandbox = ${input.sandbox}, payload_days = ${input.payloadDays ?? null}, revision = revision + 1,
        updated_at = clock_now(), updated_by = ${actor}
      where id = ${id}`.execute(tx);
    const before = old.secrets ? told(box, { connector: old.connector, config: old.config, secrets: known }) : null;
    const after = told(box, { connector: input.connector, config: input.config, secrets });
    // The sandbox puts its connections at every start; only what changes is told.
    if (before === null || canonicalJson(before) !== canonicalJson(after)) {
      const { environment, name } = input;
      const action = before ? "connection.changed" : "connection.made";
      await audit(tx, { actor, action, environment, subject: name, detail: {}, before, after });
      await lookAtSubscriptions(tx, id);
      // What another address or secret was let in by says nothing any more.
      await sql`update connection set test = null, tested_at = null, tested_by = null where id = ${id}`.execute(tx);
    }
    return id;
  });
}

/** A connection for the audit: each secret as what tells it from another. */
const told = (box: SecretBox, { secrets, ...rest }: Pick<ConnectionInput, "connector" | "config" | "secrets">) => ({
  ...rest,
  secrets: Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, box.fingerprint(secret)])),
});

/**
 * Opens or shuts a connection. Opening it makes the tasks behind it due as they were, their age limits counted anew:
 * the time it was shut is not theirs. Shutting leaves what is under way alone.
 */
export async function setConnectionState(
  db: Db,
  id: string,
  state: Connection["state"],
  reason: string | null,
  actor: string,
): Promise<void> {
  await transact(db, "connection.state", async (tx) => {
    const { rows } = await sql<{ environment: string; name: string; before: { state: string; reason: string | null } }>`
      with own as (select id, state, state_reason from connection where id = ${id} for update)
      update connection c set state = ${state}, state_reason = ${reason}, state_at = clock_now(), state_by = ${actor},
        revision = revision + 1, updated_by = ${actor} from own where c.id = own.id
      returning c.environment, c.name, json_build_object('state', own.state, 'reason', own.state_reason) as before`.execute(tx);
    if (state === "active") {
      await sql`
        update task set hint_at = greatest(due_at, clock_now()), age_from = clock_now()
        where connection_id = ${id} and state = 'READY'`.execute(tx);
    }
    for (const { environment, name, before } of rows) {
      const change = { before, after: { state, reason } };
      await audit(tx, { actor, action: `connection.${state}`, environment, subject: name, detail: { reason }, ...change });
    }
  });
}

/** Allows more or fewer requests at once than the connector; null for what it allows. In force within seconds. */
export async function setConcurrency(db: Db, id: string, concurrency: number | null, actor: string): Promise<void> {
  await transact(db, "connection.put", async (tx) => {
    const old = await tx.selectFrom("connection").select("concurrency").where("id", "=", id).forUpdate().executeTakeFirst();
    const { rows } = await sql<{ environment: string; name: string }>`
      update connection set concurrency = ${concurrency}, updated_at = clock_now(), updated_by = ${actor}
      where id = ${id} returning environment, name`.execute(tx);
    for (const { environment, name } of rows) {
      const change = { before: { concurrency: old?.concurrency ?? null }, after: { concurrency } };
      await audit(tx, {
        actor,
        action: "connection.concurrency",
        environment,
        subject: name,
        detail: { concurrency },
        ...change,
      });
    }
  });
}

/**
 * Shuts a connection whose credentials were refused. False when its state or secrets changed since they were read: the
 * refusal is of the past, and what a person did meanwhile stands.
 */
export async function refuseConnection(db: Db, connection: OpenConnection, reason: string, actor: string): Promise<boolean> {
  return transact(db, "connection.refuse", async (tx) => {
    const { rows } = await sql`
      update connection set state = 'authFailed', state_reason = ${reason}, state_at = clock_now(), state_by = ${actor},
        revision = revision + 1, updated_by = ${actor} where id = ${connection.id} and state = 'active' and revision = ${connection.revision} returning 1`.execute(
      tx,
    );
    if (rows.length === 0) return false;
    const { environment, name } = connection;
    const change = { before: { state: "active" }, after: { state: "authFailed", reason } };
    await audit(tx, { actor, action: "connection.authFailed", environment, subject: name, detail: { reason }, ...change });
    return true;
  });
}

/** Keeps what came of trying a connection, unless it was changed meanwhile. */
export async function keepTest(
  db: Db,
  { id, revision }: Pick<OpenConnection, "id" | "revision">,
  result: ConnectionTestResult,
  actor: string,
): Promise<void> {
  await transact(db, "connection.put", async (tx) => {
    const { rows } = await sql<{ environment: string; name: string }>`
      update connection set test = ${JSON.stringify(result)}, tested_at = clock_now(), tested_by = ${actor}
      where id = ${id} and revision = ${revision} returning environment, name`.execute(tx);
    for (const { environment, name } of rows) {
      const { outcome, status } = result;
      await audit(tx, { actor, action: "connection.tested", environment, subject: name, detail: { outcome, status } });
    }
  });
}

/** Notes that somebody sends something over a connection from a preview, before it leaves. */
export async function tellPreview(
  db: Db,
  { environment, name }: Pick<OpenConnection, "environment" | "name">,
  documentKey: string,
  actor: string,
): Promise<void> {
  await transact(db, "connection.put", (tx) =>
    audit(tx, { actor, action: "connection.previewed", environment, subject: name, detail: { documentKey } }),
  );
}
