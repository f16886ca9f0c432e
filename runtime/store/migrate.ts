import { type Migration, Migrator } from "kysely";
import { openDatabase } from "./database.ts";
import * as initial from "./migrations/0001_initial.ts";
import * as hintWindow from "./migrations/0002_hint_window.ts";
import { ensurePartitions } from "./partitions.ts";

/** Numbered migrations; never edited once released, only followed by another. */
const migrations: Record<string, Migration> = {
  "0001_initial": initial,
  "0002_hint_window": hintWindow,
};

/**
 * Brings the database at `url` to the newest schema and prepares partitions for the coming months. Several processes
 * may call it at once: Kysely takes a lock in the database.
 */
export async function migrate(url: string): Promise<void> {
  const database = openDatabase({ url, connections: 2, application: "orderloom migrate", patient: true });
  try {
    const migrator = new Migrator({ db: database.db, provider: { getMigrations: async () => migrations } });
    const { error, results } = await migrator.migrateToLatest();
    if (error) {
      const failed = results?.find((result) => result.status === "Error")?.migrationName ?? "before the first migration";
      throw new Error(`The database could not be brought up to date at ${failed}: ${String(error)}`, { cause: error });
    }
    await ensurePartitions(database.db, new Date());
  } finally {
    await database.close();
  }
}
