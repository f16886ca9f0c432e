import { type Selectable, sql, type Transaction } from "kysely";
import type { ApiToken, Grant, NewApiToken } from "#schemas/people.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact, writing } from "./durable.ts";
import { isId, newId, sha256 } from "./ids.ts";
import type { Database } from "./tables.ts";

/** Characters by which people tell tokens apart. */
const TAIL = 4;

/** How exactly it is known when a token was last used. */
const USED_EVERY_SECONDS = 60;

/** Keeps a token by its hash; undefined when the name is taken by one that is not revoked. */
export async function keepToken(db: Db, token: string, wish: NewApiToken, actor: string): Promise<ApiToken | undefined> {
  return transact(db, "people.change", async (tx) => {
    const { rows } = await sql<Selectable<Database["api_token"]>>`
      insert into api_token (id, name, hash, tail, role, environments, expires_at, created_at, created_by)
      values (${newId()}, ${wish.name}, ${sha256(token)}, ${token.slice(-TAIL)}, ${wish.role}, ${wish.environments}::text[],
        clock_now() + make_interval(days => ${wish.days}), clock_now(), ${actor})
      on conflict (name) where revoked_at is null do nothing returning *`.execute(tx);
    const [row] = rows;
    if (!row) return undefined;
    const after = { role: wish.role, environments: wish.environments, expiresAt: row.expires_at.toISOString(), tail: row.tail };
    await audit(tx, { actor, action: "token.made", environment: null, subject: wish.name, detail: {}, after });
    return shown({ ...row, expired: false });
  });
}

/** All tokens, the newest first, those that ended with them. */
export async function listTokens(db: Db): Promise<ApiToken[]> {
  const { rows } = await sql<Shown>`
    select *, expires_at <= clock_now() as expired from api_token order by id desc`.execute(db);
  return rows.map(shown);
}

/** Takes an environment from all tokens: one of its name that is made later is another. Those left with none are revoked. */
export async function narrowTokens(tx: Transaction<Database>, environment: string, actor: string): Promise<void> {
  const { rows } = await sql<{ name: string; left: string[] }>`
    update api_token set environments = array_remove(environments, ${environment}),
      revoked_at = case when environments <@ array[${environment}] then coalesce(revoked_at, clock_now()) else revoked_at end,
      revoked_by = case when environments <@ array[${environment}] then coalesce(revoked_by, ${actor}) else revoked_by end
    where ${environment} = any(environments) returning name, environments as left`.execute(tx);
  for (const { name, left } of rows) {
    const change = { before: { environments: [...left, environment].sort() }, after: { environments: left } };
    await audit(tx, { actor, action: "token.narrowed", environment: null, subject: name, detail: {}, ...change });
  }
}

/** Ends a token at once; undefined when there is none. One that was revoked already stays as it is. */
export async function revokeToken(db: Db, id: string, actor: string): Promise<ApiToken | undefined> {
  if (!isId(id)) return undefined;
  return transact(db, "people.change", async (tx) => {
    const { rows } = await sql<{ name: string; state: ApiToken["state"] }>`
      update api_token set revoked_at = clock_now(), revoked_by = ${actor} where id = ${id} and revoked_at is null
      returning name, case when expires_at <= clock_now() then 'expired' else 'active' end as state`.execute(tx);
    for (const { name, state } of rows) {
      const change = { before: { state }, after: { state: "revoked" } };
      await audit(tx, { actor, action: "token.revoked", environment: null, subject: name, detail: {}, ...change });
    }
    const found = await sql<Shown>`select *, expires_at <= clock_now() as expired from api_token where id = ${id}`.execute(tx);
    return found.rows[0] && shown(found.rows[0]);
  });
}

/** What a token that is in force allows. */
export async function tokenOwner(db: Db, token: string): Promise<{ name: string; grants: Grant[] } | undefined> {
  const { rows } = await sql<{ id: string; name: string; role: Grant["role"]; environments: string[] | null; stale: boolean }>`
    select id, name, role, environments,
      coalesce(used_at < clock_now() - make_interval(secs => ${USED_EVERY_SECONDS}), true) as stale
    from api_token where hash = ${sha256(token)} and revoked_at is null and expires_at > clock_now()`.execute(db);
  const found = rows[0];
  if (!found) return undefined;
  if (found.stale)
    await sql`update api_token set used_at = clock_now() where id = ${found.id}`.execute(writing(db, "people.change"));
  const { name, role, environments } = found;
  return { name, grants: (environments ?? [null]).map((environment) => ({ environment, role })) };
}

type Shown = Selectable<Database["api_token"]> & { expired: boolean };

const shown = (row: Shown): ApiToken => ({
  id: row.id,
  name: row.name,
  tail: row.tail,
  role: row.role,
  environments: row.environments,
  state: row.revoked_at ? "revoked" : row.expired ? "expired" : "active",
  expiresAt: row.expires_at.toISOString(),
  usedAt: row.used_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  revokedBy: row.revoked_by,
});
