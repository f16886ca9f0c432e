import { sql } from "kysely";
import type { Db } from "./database.ts";

/** How old a look at the size of the database may be: at 10 MB a second it grows by 50 MB in between. */
const LOOK_EVERY_MS = 5_000;

/** Once full, nothing is accepted until the database is this share of its limit, so that senders do not knock in vain. */
const REOPEN_SHARE = 0.95;

/** How much room there is. */
export interface Storage {
  /** Size of the whole database. */
  bytes: number;
  /** Null for no limit. */
  limitBytes: number | null;
  full: boolean;
}

/** Nothing more is accepted, because it could not be kept. */
export class StorageFull extends Error {
  override name = "StorageFull";
}

/** Full from the limit on; open again only when a good part of it is free. */
export const isFull = (was: boolean, bytes: number, limitBytes: number): boolean =>
  bytes >= limitBytes * (was ? REOPEN_SHARE : 1);

interface Watch {
  limitBytes: number;
  storage: Storage | undefined;
  lookedAt: number;
  looking: Promise<Storage> | undefined;
}

const watches = new WeakMap<Db, Watch>();

/** From here on messages are refused while the database is larger than that. */
export function limitStorage(db: Db, limitBytes: number): void {
  watches.set(db, { limitBytes, storage: undefined, lookedAt: Number.NEGATIVE_INFINITY, looking: undefined });
}

/** Throws StorageFull while there is no room. Costs a look every some seconds, and none without a limit. */
export async function refuseWhenFull(db: Db): Promise<void> {
  const watch = watches.get(db);
  if (!watch) return;
  if (performance.now() - watch.lookedAt > LOOK_EVERY_MS && !watch.looking) {
    watch.lookedAt = performance.now();
    watch.looking = look(db, watch).finally(() => {
      watch.looking = undefined;
    });
    // A database that does not answer says so to the accept itself.
    watch.looking.catch(() => undefined);
  }
  const storage = watch.storage ?? (await watch.looking);
  if (storage?.full) throw new StorageFull(`The database has ${storage.bytes} bytes; ${watch.limitBytes} are allowed.`);
}

async function look(db: Db, watch: Watch): Promise<Storage> {
  const bytes = await databaseBytes(db);
  watch.storage = { bytes, limitBytes: watch.limitBytes, full: isFull(watch.storage?.full ?? false, bytes, watch.limitBytes) };
  return watch.storage;
}

/** The room there is, for people; asks the database. */
export async function readStorage(db: Db): Promise<Storage> {
  const watch = watches.get(db);
  return watch ? look(db, watch) : { bytes: await databaseBytes(db), limitBytes: null, full: false };
}

async function databaseBytes(db: Db): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`select pg_database_size(current_database()) as bytes`.execute(db);
  return Number(rows[0]?.bytes);
}
