import { type Migration, type MigrationResultSet, Migrator, sql } from "kysely";
import { type Db, openDatabase } from "./database.ts";
import * as initial from "./migrations/0001_initial.ts";
import * as hintWindow from "./migrations/0002_hint_window.ts";
import * as control from "./migrations/0003_control.ts";
import * as sources from "./migrations/0005_sources.ts";
import * as keeping from "./migrations/0006_keeping.ts";
import * as admission from "./migrations/0007_admission.ts";
import * as called from "./migrations/0009_called.ts";
import * as batchesAndLedger from "./migrations/0011_batches_and_ledger.ts";
import * as credential from "./migrations/0012_credential.ts";
import * as unsureRequests from "./migrations/0016_unsure_requests.ts";
import * as people from "./migrations/0017_people.ts";
import * as audit from "./migrations/0018_audit.ts";
import * as promotion from "./migrations/0019_promotion.ts";
import * as canary from "./migrations/0020_canary.ts";
import * as reach from "./migrations/0021_reach.ts";
import * as connectionTest from "./migrations/0022_connection_test.ts";
import * as flowSamples from "./migrations/0023_flow_samples.ts";
import * as flowFiles from "./migrations/0025_flow_files.ts";
import * as flowSample from "./migrations/0028_flow_sample.ts";
import * as referenceTables from "./migrations/0029_reference_tables.ts";
import * as baseSlots from "./migrations/0031_base_slots.ts";
import * as webhookSubscriptions from "./migrations/0033_webhook_subscriptions.ts";
import * as sittings from "./migrations/0034_sittings.ts";
import * as limitsAndPushed from "./migrations/0035_limits_and_pushed.ts";
import * as authors from "./migrations/0036_authors.ts";
import * as given from "./migrations/0037_given.ts";
import * as samePerson from "./migrations/0038_same_person.ts";
import * as publishedSamples from "./migrations/0039_published_samples.ts";
import * as restoredFrom from "./migrations/0040_restored_from.ts";
import * as endedPromotion from "./migrations/0041_ended_promotion.ts";
import { ensurePartitions } from "./partitions.ts";

/** Numbered migrations; never edited once released, only followed by another. */
const migrations: Record<string, Migration> = {
  "0001_initial": initial,
  "0002_hint_window": hintWindow,
  "0003_control": control,
  "0005_sources": sources,
  "0006_keeping": keeping,
  "0007_admission": admission,
  "0009_called": called,
  "0011_batches_and_ledger": batchesAndLedger,
  "0012_credential": credential,
  "0016_unsure_requests": unsureRequests,
  "0017_people": people,
  "0018_audit": audit,
  "0019_promotion": promotion,
  "0020_canary": canary,
  "0021_reach": reach,
  "0022_connection_test": connectionTest,
  "0023_flow_samples": flowSamples,
  "0025_flow_files": flowFiles,
  "0028_flow_sample": flowSample,
  "0029_reference_tables": referenceTables,
  "0031_base_slots": baseSlots,
  "0033_webhook_subscriptions": webhookSubscriptions,
  "0034_sittings": sittings,
  "0035_limits_and_pushed": limitsAndPushed,
  "0036_authors": authors,
  "0037_given": given,
  "0038_same_person": samePerson,
  "0039_published_samples": publishedSamples,
  "0040_restored_from": restoredFrom,
  "0041_ended_promotion": endedPromotion,
};

/**
 * Brings the database at `url` to the newest schema and prepares partitions for the coming months. Several processes
 * may call it at once: Kysely takes a lock in the database.
 */
export async function migrate(url: string): Promise<void> {
  const database = openDatabase({ url, connections: 2, application: "orderloom migrate", patient: true });
  try {
    const { error, results } = await bringUpToDate(database.db);
    if (error) {
      const failed = results?.find((result) => result.status === "Error")?.migrationName;
      const what = failed
        ? `The database could not be brought up to date, migration ${failed} failed: ${reasonOf(error)}`
        : `The database at ${new URL(url).host} could not be opened: ${reasonOf(error)}. Check that it runs and that DATABASE_URL is right.`;
      throw new Error(what, { cause: error });
    }
    await ensurePartitions(database.db, new Date());
  } finally {
    await database.close();
  }
}

async function bringUpToDate(db: Db): Promise<MigrationResultSet> {
  try {
    if (await isUpToDate(db)) return {};
  } catch (error) {
    return { error };
  }
  return new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
}

/**
 * Whether exactly our migrations have run. Nearly every start finds that, and Kysely reads the columns of all tables
 * several times to tell.
 */
async function isUpToDate(db: Db): Promise<boolean> {
  const { rows: begun } = await sql<{ yes: boolean }>`select to_regclass('kysely_migration') is not null as yes`.execute(db);
  if (!begun[0]?.yes) return false;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const known = new Set(Object.keys(migrations));
  return rows.length === known.size && rows.every(({ name }) => known.has(name));
}

/** An address with several numbers fails with an error for each, and none of its own. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
