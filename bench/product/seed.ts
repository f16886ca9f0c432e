import { systemAccount } from "#nodes/connector/connection.ts";
import { makeLock } from "#nodes/lock.ts";
import { putConnection } from "#runtime/store/connections.ts";
import { openDatabase } from "#runtime/store/database.ts";
import { putDeployment } from "#runtime/store/deployments.ts";
import { createFlow, publishVersion, readVersion } from "#runtime/store/flows.ts";
import { openKeyRing } from "#runtime/store/keyRing.ts";
import { migrate } from "#runtime/store/migrate.ts";
import { secretBox } from "#runtime/store/secrets.ts";
import { benchEnvironment, benchWorkload } from "../workload/flow.ts";
import { webhookSecret } from "../workload/order.ts";

const ACTOR = "bench";

/** Publishes and deploys the reference workload in a database, its connections pointing at the stubs. */
export async function seedWorkload(databaseUrl: string, home: string, stubs: { erpUrl: string; wmsUrl: string }): Promise<void> {
  await migrate(databaseUrl);
  const { flow, catalog } = await benchWorkload();
  const database = openDatabase({ url: databaseUrl, connections: 1, application: "orderloom bench" });
  try {
    const { db } = database;
    const box = secretBox(openKeyRing(home, undefined));
    const inputs = {
      shop: { connector: "shopify", config: { shopDomain: "bench.myshopify.com" }, secrets: { webhookSecret } },
      erp: { connector: "bench-target", config: { account: "erp", baseUrl: stubs.erpUrl }, secrets: {} },
      wms: { connector: "bench-target", config: { account: "wms", baseUrl: stubs.wmsUrl }, secrets: {} },
    };
    const slots: Record<string, string> = {};
    for (const [name, input] of Object.entries(inputs)) {
      const connector = catalog.connectors[input.connector];
      if (!connector) throw new Error(`The benchmark needs the connector "${input.connector}", which does not exist here.`);
      slots[name] = await putConnection(
        db,
        box,
        {
          ...input,
          name: `bench-${name}`,
          environment: benchEnvironment,
          connectorVersion: connector.version,
          systemAccount: systemAccount(connector, input.config),
          sandbox: false,
        },
        ACTOR,
      );
    }
    await createFlow(db, flow, ACTOR);
    await publishVersion(db, flow, makeLock(flow, catalog), "Reference workload", ACTOR);
    const version = await readVersion(db, flow.id, "latest");
    if (!version) throw new Error("The benchmark's flow was published and is not there.");
    await putDeployment(db, benchEnvironment, flow.id, { version, slots, state: "active" }, ACTOR);
  } finally {
    await database.close();
  }
}
