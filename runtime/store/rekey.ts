import { sql, type Transaction } from "kysely";
import { audit } from "./audit.ts";
import { credentialField } from "./credentials.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { KEY_ID_BYTES } from "./keyRing.ts";
import { SECRETS_FIELD, type SecretBox, type SecretPlace } from "./secrets.ts";
import { subscriptionSecretField } from "./subscriptionSecrets.ts";
import type { Database } from "./tables.ts";

/** Rows encrypted anew in one transaction: few enough that nobody who wants one of them notices. */
const BATCH = 50;

/** Only one change of keys goes on at a time. */
const ROTATION_LOCK = 7_400_002;

/** How many secrets a key has sealed. */
export interface KeyUse {
  id: string;
  /** Whether secrets are sealed with it now. */
  current: boolean;
  /** False for a key that is not here any more: what it sealed cannot be opened. */
  present: boolean;
  secrets: number;
}

export type Rotated =
  | { ok: true; key: string; resealed: number; retired: string[] }
  /** `busy`: another one goes on. `noNewKey`: the environment names only the key in use. */
  | { ok: false; why: "busy" | "noNewKey" }
  /** Secrets that no key opens; nothing was changed. */
  | { ok: false; why: "unopened"; places: SecretPlace[] };

export async function keyUse(db: Db, box: SecretBox): Promise<KeyUse[]> {
  const current = box.keys.current().id.toString("hex");
  const here = box.keys.all().map(({ id }) => id.toString("hex"));
  const counts = new Map(here.map((id) => [id, 0]));
  for (const { sealed } of await everySealed(db)) {
    const id = sealed.subarray(1, 1 + KEY_ID_BYTES).toString("hex");
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [...counts].map(([id, secrets]) => ({ id, current: id === current, present: here.includes(id), secrets }));
}

/**
 * Takes a new key into use: encrypts everything with it, batch by batch, and retires the others. Whoever opens secrets
 * meanwhile has all keys. Broken off anywhere, it is gone on with by the next call; nothing is begun while a secret cannot
 * be opened, because without its key it never could be again.
 */
export async function rotateKeys(db: Db, box: SecretBox, actor: string): Promise<Rotated> {
  return db.connection().execute(async (own): Promise<Rotated> => {
    const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_lock(${ROTATION_LOCK}) as got`.execute(own);
    if (!rows[0]?.got) return { ok: false, why: "busy" };
    try {
      return await rotateAlone(db, box, actor);
    } finally {
      await sql`select pg_advisory_unlock(${ROTATION_LOCK})`.execute(own);
    }
  });
}

async function rotateAlone(db: Db, box: SecretBox, actor: string): Promise<Rotated> {
  const places = (await everySealed(db)).filter((row) => !opens(box, row)).map(placeOf);
  if (places.length > 0) return { ok: false, why: "unopened", places };
  // With more than one a change was broken off, or the environment names the next one.
  if (box.keys.all().length === 1 && !box.keys.add()) return { ok: false, why: "noNewKey" };
  const [now, ...others] = box.keys.all().map(({ id }) => id.toString("hex"));
  const rotated = { key: now ?? "", resealed: 0, retired: others };
  do {
    for (const shelf of shelves)
      for (let count = BATCH; count === BATCH; rotated.resealed += count) count = await resealSome(db, box, shelf);
  } while (!(await retire(db, box, actor, rotated)));
  return { ok: true, ...rotated };
}

interface Row {
  id: string;
  environment: string;
  /** Of a credential; of the secret of a subscription, that one's id. */
  kind: string | null;
  /** Whose subscription it is. */
  binding: string | null;
  sealed: Buffer;
}

const fieldOf = ({ kind, binding }: Row): string => {
  if (kind === null) return SECRETS_FIELD;
  return binding === null ? credentialField(kind) : subscriptionSecretField(binding, kind);
};

const placeOf = (row: Row): SecretPlace => ({ environment: row.environment, connection: row.id, field: fieldOf(row) });

/** Where sealed texts are kept: how to read those that do not begin with a mark, and how to put another in the place of one. */
interface Shelf {
  point: "connection.put" | "token.settle" | "subscription.secret";
  read(mark: Buffer | null): ReturnType<typeof sql<Row>>;
  put(tx: Transaction<Database>, row: Row, sealed: Buffer): Promise<unknown>;
}

const otherThan = (mark: Buffer | null, column: string) =>
  sql`${sql.ref(column)} is not null and substring(${sql.ref(column)} from 1 for ${1 + KEY_ID_BYTES}) is distinct from ${mark}`;

const shelves: readonly Shelf[] = [
  {
    point: "connection.put",
    read: (mark) => sql<Row>`
      select c.id, c.environment, null as kind, null as binding, c.secrets as sealed from connection c where ${otherThan(mark, "c.secrets")}
      order by c.id`,
    put: (tx, { id }, sealed) => sql`update connection set secrets = ${sealed} where id = ${id}`.execute(tx),
  },
  {
    point: "token.settle",
    read: (mark) => sql<Row>`
      select c.id, c.environment, k.kind, null as binding, k.sealed from credential k join connection c on c.id = k.connection_id
      where ${otherThan(mark, "k.sealed")} order by c.id, k.kind`,
    put: (tx, { id, kind }, sealed) =>
      sql`update credential set sealed = ${sealed} where connection_id = ${id} and kind = ${kind}`.execute(tx),
  },
  {
    point: "subscription.secret",
    read: (mark) => sql<Row>`
      select c.id, c.environment, s.subscription as kind, s.binding_id as binding, s.sealed
      from subscription_secret s join source_binding b on b.id = s.binding_id join connection c on c.id = b.connection_id
      where ${otherThan(mark, "s.sealed")} order by s.binding_id, s.subscription`,
    put: (tx, { kind, binding }, sealed) =>
      sql`update subscription_secret set sealed = ${sealed} where binding_id = ${binding} and subscription = ${kind}`.execute(tx),
  },
];

async function everySealed(db: Db): Promise<Row[]> {
  const all = await Promise.all(shelves.map(({ read }) => read(null).execute(db)));
  return all.flatMap(({ rows }) => rows);
}

function opens(box: SecretBox, row: Row): boolean {
  try {
    return Boolean(box.open(row.sealed, placeOf(row)));
  } catch {
    return false;
  }
}

/** Encrypts a few anew; answers how many. */
async function resealSome(db: Db, box: SecretBox, { point, read, put }: Shelf): Promise<number> {
  return transact(db, point, async (tx) => {
    const { rows } = await sql<Row>`${read(box.mark())} limit ${BATCH} for update`.execute(tx);
    for (const row of rows) await put(tx, row, box.seal(box.open(row.sealed, placeOf(row)), placeOf(row)));
    return rows.length;
  });
}

/** Forgets the other keys once nobody can need them: whoever writes a secret just now is waited for, and whoever comes next seals after this. */
async function retire(
  db: Db,
  box: SecretBox,
  actor: string,
  { key, ...detail }: { key: string; resealed: number; retired: string[] },
): Promise<boolean> {
  return transact(db, "connection.put", async (tx) => {
    await sql`lock table connection, credential, subscription_secret in exclusive mode`.execute(tx);
    for (const { read } of shelves) if ((await read(box.mark()).execute(tx)).rows.length > 0) return false;
    await audit(tx, { actor, action: "keys.rotated", environment: null, subject: key, detail });
    box.keys.retire();
    return true;
  });
}
