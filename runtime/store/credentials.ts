import { sql } from "kysely";
import type { Credential } from "#nodes/connector/auth/credential.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Db } from "./database.ts";
import { transact, writing } from "./durable.ts";
import type { SecretBox, SecretPlace } from "./secrets.ts";

/** Of which connection a credential is, and by what it was obtained. */
export interface CredentialPlace {
  environment: string;
  connectionId: string;
  kind: string;
}

/** A credential with what it was given for. */
export interface KeptCredential extends Credential {
  /** A hash over settings and secrets; never outside the seal. */
  fingerprint: string;
  /** A hash of the refresh token that the connection held. */
  refreshOf: string;
  /** The connection's revision then. */
  revision: number;
}

export interface ExchangeFailure {
  class: OutcomeClass;
  reason: Reason;
  retryAfterMs?: number;
}

export interface CredentialRow {
  kept: KeptCredential | null;
  /** Requests for one that have ended. */
  exchanges: number;
  /** Why the last one gave none. */
  failure: ExchangeFailure | null;
}

/** What a kind of credential is called where it is sealed. */
export const credentialField = (kind: string): string => `${kind} credential`;

const sealedAt = ({ environment, connectionId, kind }: CredentialPlace): SecretPlace => ({
  environment,
  connection: connectionId,
  field: credentialField(kind),
});

/** What is known of a credential, or undefined where nobody has asked for it yet. */
export async function readCredentialRow(db: Db, box: SecretBox, place: CredentialPlace): Promise<CredentialRow | undefined> {
  const row = await db
    .selectFrom("credential")
    .select(["sealed", "exchanges", "failure"])
    .where("connection_id", "=", place.connectionId)
    .where("kind", "=", place.kind)
    .executeTakeFirst();
  if (!row) return undefined;
  const { kept } = row.sealed ? box.open(row.sealed, sealedAt(place)) : {};
  return {
    kept: kept === undefined ? null : (JSON.parse(kept) as KeptCredential),
    exchanges: row.exchanges,
    failure: row.failure,
  };
}

/** Whether nobody else asks for the credential; then nobody will for so long. */
export async function leaseCredential(db: Db, place: CredentialPlace, leaseId: string, leaseMs: number): Promise<boolean> {
  const { rows } = await sql`
    insert into credential (connection_id, kind, lease_id, lease_until, updated_at)
    values (${place.connectionId}, ${place.kind}, ${leaseId}, clock_now() + make_interval(secs => ${leaseMs / 1000}), clock_now())
    on conflict (connection_id, kind) do update
      set lease_id = excluded.lease_id, lease_until = excluded.lease_until, updated_at = excluded.updated_at
      where credential.lease_until < clock_now()
    returning 1`.execute(writing(db, "token.lease"));
  return rows.length > 0;
}

/** What an exchange gave; null where it turned out that none was needed. */
export type Settlement = { kept: KeptCredential } | { failure: ExchangeFailure } | null;

/** Ends a lease with what came of it. False when it had run out and is somebody else's. */
export async function settleCredential(
  db: Db,
  box: SecretBox,
  place: CredentialPlace,
  leaseId: string,
  settlement: Settlement,
): Promise<boolean> {
  const failure = settlement && "failure" in settlement ? JSON.stringify(settlement.failure) : null;
  return transact(db, "token.settle", async (tx) => {
    const own = sql`connection_id = ${place.connectionId} and kind = ${place.kind} and lease_id = ${leaseId}`;
    // The row first: while keys change, who waits for it must seal after that, not before.
    const { rows } = await sql`select 1 from credential where ${own} for update`.execute(tx);
    if (rows.length === 0) return false;
    const kept = settlement && "kept" in settlement ? settlement.kept : undefined;
    const sealed = kept ? box.seal({ kept: JSON.stringify(kept) }, sealedAt(place)) : null;
    await sql`
      update credential set sealed = coalesce(${sealed}, sealed), failure = ${failure}::jsonb,
        exchanges = exchanges + ${settlement ? 1 : 0}, lease_id = null, lease_until = '-infinity', updated_at = clock_now()
      where ${own}`.execute(tx);
    return true;
  });
}
