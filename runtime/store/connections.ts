import { type Selectable, sql } from "kysely";
import type { Connection } from "#schemas/connection.ts";
import type { Db } from "./database.ts";
import { newId } from "./ids.ts";
import type { SecretBox } from "./secrets.ts";
import type { Database } from "./tables.ts";

/** A connection with its secrets, for the engine alone. */
export interface OpenConnection extends Omit<Connection, "secretNames" | "createdAt" | "updatedAt"> {
  secrets: Record<string, string>;
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
}

const contextOf = (id: string): string => `connection ${id}`;

/** Reads connections by id and opens their secrets. */
export async function openConnections(db: Db, box: SecretBox, ids: string[]): Promise<OpenConnection[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom("connection").selectAll().where("id", "in", ids).execute();
  return rows.map((row) => ({
    id: row.id,
    environment: row.environment,
    name: row.name,
    connector: row.connector,
    connectorVersion: row.connector_version,
    systemAccount: row.system_account,
    config: row.config,
    secrets: row.secrets ? box.open(row.secrets, contextOf(row.id)) : {},
    state: row.state,
    stateReason: row.state_reason,
    workerGroup: row.worker_group,
    sandbox: row.sandbox,
  }));
}

/** The connections of an environment as people see them: without secrets. */
export async function listConnections(db: Db, environment: string): Promise<Connection[]> {
  const rows = await db.selectFrom("connection").selectAll().where("environment", "=", environment).orderBy("name").execute();
  return rows.map(shown);
}

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

function shown(row: Selectable<Database["connection"]>): Connection {
  return {
    id: row.id,
    environment: row.environment,
    name: row.name,
    connector: row.connector,
    connectorVersion: row.connector_version,
    systemAccount: row.system_account,
    config: row.config,
    secretNames: row.secret_names,
    state: row.state,
    stateReason: row.state_reason,
    workerGroup: row.worker_group,
    sandbox: row.sandbox,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** Makes a connection, or changes the one of that name; answers its id. */
export async function putConnection(db: Db, box: SecretBox, input: ConnectionInput, actor: string): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const existing = await tx
      .selectFrom("connection")
      .select(["id", "secrets"])
      .where("environment", "=", input.environment)
      .where("name", "=", input.name)
      .forUpdate()
      .executeTakeFirst();
    const id = existing?.id ?? newId();
    const secrets = { ...(existing?.secrets ? box.open(existing.secrets, contextOf(id)) : {}), ...input.secrets };
    const sealed = box.seal(secrets, contextOf(id));
    const names = Object.keys(secrets).sort();
    await sql`
      insert into connection (id, environment, name, connector, connector_version, system_account, config, secrets, secret_names,
        state_at, worker_group, sandbox, created_at, updated_at, updated_by)
      values (${id}, ${input.environment}, ${input.name}, ${input.connector}, ${input.connectorVersion}, ${input.systemAccount},
        ${JSON.stringify(input.config)}, ${sealed}, ${names}, clock_now(), ${input.workerGroup ?? "default"}, ${input.sandbox},
        clock_now(), clock_now(), ${actor})
      on conflict (environment, name) do update set connector = excluded.connector,
        connector_version = excluded.connector_version, system_account = excluded.system_account, config = excluded.config,
        secrets = excluded.secrets, secret_names = excluded.secret_names, worker_group = excluded.worker_group,
        sandbox = excluded.sandbox, updated_at = excluded.updated_at, updated_by = excluded.updated_by`.execute(tx);
    return id;
  });
}

/**
 * Opens or shuts a connection. Opening it makes the tasks behind it due at once; shutting leaves what is under way
 * alone.
 */
export async function setConnectionState(
  db: Db,
  id: string,
  state: Connection["state"],
  reason: string | null,
  actor: string,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`
      update connection set state = ${state}, state_reason = ${reason}, state_at = clock_now(), updated_by = ${actor}
      where id = ${id}`.execute(tx);
    if (state === "active") {
      await sql`update task set hint_at = clock_now() where connection_id = ${id} and state = 'READY'`.execute(tx);
    }
  });
}
