import { type RawBuilder, type Selectable, sql, type Transaction } from "kysely";
import type { ApiToken, Grant, NewApiToken } from "#schemas/people.ts";
import { type IssuedToken, tokenState } from "#schemas/tokenState.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact, writing } from "./durable.ts";
import { isId, newId, sha256 } from "./ids.ts";
import type { Database } from "./tables.ts";

/** Characters by which people tell tokens apart. */
const TAIL = 4;

/** How exactly it is known when a token was last used. */
const USED_EVERY_SECONDS = 60;

export type TokenKept =
  | { ok: true; token: ApiToken }
  | { ok: false; why: "taken" }
  /** It would be there longer than the token that makes it. */
  | { ok: false; why: "outlives"; until: string };

/** Keeps a token by its hash. What is made with a token ends with that at the latest. */
export async function keepToken(db: Db, token: string, wish: NewApiToken, actor: string): Promise<TokenKept> {
  return transact(db, "people.change", async (tx): Promise<TokenKept> => {
    const { rows: outlived } = await sql<{ until: Date }>`
      select expires_at as until from api_token where 'token:' || name = ${actor} and revoked_at is null
        and expires_at < clock_now() + make_interval(days => ${wish.days})`.execute(tx);
    if (outlived[0]) return { ok: false, why: "outlives", until: outlived[0].until.toISOString() };
    const { rows } = await sql<Selectable<Database["api_token"]>>`
      insert into api_token (id, name, hash, tail, role, environments, expires_at, created_at, created_by)
      values (${newId()}, ${wish.name}, ${sha256(token)}, ${token.slice(-TAIL)}, ${wish.role}, ${wish.environments}::text[],
        clock_now() + make_interval(days => ${wish.days}), clock_now(), ${actor})
      on conflict (name) where revoked_at is null do nothing returning *`.execute(tx);
    const [row] = rows;
    if (!row) return { ok: false, why: "taken" };
    const after = { role: wish.role, environments: wish.environments, expiresAt: row.expires_at.toISOString(), tail: row.tail };
    await audit(tx, { actor, action: "token.made", environment: null, subject: wish.name, detail: {}, after });
    return { ok: true, token: shown(row, "active") };
  });
}

/** All tokens, the newest first, those that ended with them. */
export async function listTokens(db: Db): Promise<ApiToken[]> {
  return [...(await readTokens(db, sql`true`)).values()].map(({ row, issued }) => shown(row, tokenState(issued))).reverse();
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
    const found = (await readTokens(tx, sql`id = ${id}`)).get(id);
    return found && shown(found.row, tokenState(found.issued));
  });
}

/** What a token that is in force allows. */
export async function tokenOwner(db: Db, token: string): Promise<{ name: string; grants: Grant[] } | undefined> {
  const hash = sha256(token);
  const found = [...(await readTokens(db, sql`hash = ${hash}`)).values()].find(({ row }) => row.hash === hash);
  if (!found || tokenState(found.issued) !== "active") return undefined;
  const { id, name, stale } = found.row;
  if (stale) await sql`update api_token set used_at = clock_now() where id = ${id}`.execute(writing(db, "people.change"));
  return { name, grants: grantsOf(found.row) };
}

/** What the token allows that acted under a name at a time, while nobody has taken that from it: that it expired since does not. */
export async function tokenGrants(db: Db, actor: string, at: Date): Promise<Grant[]> {
  const tokens = await readTokens(db, sql`'token:' || name = ${actor}`);
  const [token] = [...tokens.values()].filter(({ row }) => `token:${row.name}` === actor && wasInForce(row, at));
  return token && tokenState({ ...token.issued, expired: false }) === "active" ? grantsOf(token.row) : [];
}

const wasInForce = ({ created_at, revoked_at }: Row, at: Date): boolean =>
  created_at <= at && (revoked_at === null || revoked_at >= at);

const grantsOf = ({ role, environments }: Pick<Row, "role" | "environments">): Grant[] =>
  (environments ?? [null]).map((environment) => ({ environment, role }));

type Row = Selectable<Database["api_token"]>;
interface FoundRow extends Row {
  expired: boolean;
  stale: boolean;
  /** The token that made it. */
  parent: string | null;
  /** The person who did. */
  maker: { active: boolean; grants: Grant[] } | null;
}

/** Tokens by id, the oldest first, with those that made them. A name may have been another token's that was revoked before. */
async function readTokens(db: Db, wanted: RawBuilder<unknown>): Promise<Map<string, { row: FoundRow; issued: IssuedToken }>> {
  const { rows } = await sql<FoundRow>`
    with recursive made as (
      select id from api_token where ${wanted}
      union select parent.id from made join api_token t on t.id = made.id join api_token parent on ${isParent}
    )
    select t.*, t.expires_at <= clock_now() as expired,
      coalesce(t.used_at < clock_now() - make_interval(secs => ${USED_EVERY_SECONDS}), true) as stale,
      (select parent.id from api_token parent where ${isParent} order by parent.created_at desc limit 1) as parent,
      (select json_build_object('active', p.state = 'active', 'grants',
          coalesce((select json_agg(json_build_object('environment', g.environment, 'role', g.role)) from person_grant g
            where g.person_id = p.id), '[]'))
        from person p where p.name = t.created_by) as maker
    from made join api_token t on t.id = made.id order by t.created_at, t.id`.execute(db);
  const found = new Map<string, { row: FoundRow; issued: IssuedToken }>();
  // Each later than what made it.
  for (const row of rows) {
    const token = found.get(row.parent ?? "")?.issued;
    const lost = row.created_by.startsWith("token:") ? { active: false, grants: [] } : null;
    const maker = token ? { token } : (row.maker ?? lost);
    found.set(row.id, { row, issued: { revoked: row.revoked_at !== null, expired: row.expired, grants: grantsOf(row), maker } });
  }
  return found;
}

const isParent = sql`
  t.created_by = 'token:' || parent.name and parent.id <> t.id and parent.created_at <= t.created_at
  and (parent.revoked_at is null or parent.revoked_at >= t.created_at)`;

const shown = (row: Row, state: ApiToken["state"]): ApiToken => ({
  id: row.id,
  name: row.name,
  tail: row.tail,
  role: row.role,
  environments: row.environments,
  state,
  expiresAt: row.expires_at.toISOString(),
  usedAt: row.used_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  revokedBy: row.revoked_by,
});
