import { type Acceptable, insertAccepted } from "#runtime/store/accept.ts";
import { type Db, openDatabase } from "#runtime/store/database.ts";
import { bindingId } from "#runtime/store/deployments.ts";
import { sha256 } from "#runtime/store/ids.ts";

const GROUP = 500;

/** Commits orders as an intake does that is too busy to hint them: the sweep does, in fair turn. */
export async function acceptMany(databaseUrl: string, flow: string, bodies: { key: string; body: string }[]): Promise<void> {
  const database = openDatabase({ url: databaseUrl, connections: 1, application: "orderloom test" });
  try {
    const acceptable = await acceptableIn(database.db, flow);
    for (let at = 0; at < bodies.length; at += GROUP) {
      await insertAccepted(
        database.db,
        bodies.slice(at, at + GROUP).map(({ key, body }) => ({
          ...acceptable,
          dedupeKey: key,
          documentKey: key,
          contentHash: sha256(key),
          body,
        })),
      );
    }
  } finally {
    await database.close();
  }
}

async function acceptableIn(
  db: Db,
  flow: string,
): Promise<Omit<Acceptable, "dedupeKey" | "documentKey" | "contentHash" | "body">> {
  const deployment = await db.selectFrom("deployment").selectAll().where("flow_id", "=", flow).executeTakeFirstOrThrow();
  const version = await db.selectFrom("version").selectAll().where("flow_id", "=", flow).executeTakeFirstOrThrow();
  const shop = await db.selectFrom("connection").select("id").where("connector", "=", "shopify").executeTakeFirstOrThrow();
  return {
    environment: "dev",
    flow,
    bindingId: await bindingId(db, "dev", flow, "orders", shop.id),
    sourceNode: "orders",
    documentVersion: null,
    ordered: false,
    headers: {},
    versionId: version.id,
    versionNumber: version.number,
    deploymentId: deployment.id,
    held: false,
    workerGroup: "default",
    source: "shopify",
    hinted: false,
    milestone: null,
    called: false,
  };
}
