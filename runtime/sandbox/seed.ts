import { readFile } from "node:fs/promises";
import { systemAccount } from "#nodes/connector/connection.ts";
import { type Catalog, makeLock } from "#nodes/lock.ts";
import { fromRoot } from "#runtime/root.ts";
import { putConnection } from "#runtime/store/connections.ts";
import type { Db } from "#runtime/store/database.ts";
import { putDeployment } from "#runtime/store/deployments.ts";
import { createFlow, publishVersion, readVersion } from "#runtime/store/flows.ts";
import type { SecretBox } from "#runtime/store/secrets.ts";
import type { Flow } from "#schemas/flow.ts";
import { parseJson } from "#schemas/json.ts";
import { northwind, sandboxEnvironment, sandboxFlow } from "./northwind.ts";

const ACTOR = "sandbox";

/**
 * Points the sandbox connections at the sandbox that runs now, and on the first start brings its flow: draft, version 1
 * and a deployment. What people changed since stays as it is.
 */
export async function seedSandbox(db: Db, box: SecretBox, catalog: Catalog, sandboxUrl: string): Promise<void> {
  const ids = new Map<string, string>();
  for (const input of northwind(sandboxUrl)) {
    const connector = catalog.connectors[input.connector];
    if (!connector) throw new Error(`The sandbox needs the connector "${input.connector}", which does not exist here.`);
    const id = await putConnection(
      db,
      box,
      {
        ...input,
        environment: sandboxEnvironment,
        connectorVersion: connector.version,
        systemAccount: systemAccount(connector, input.config),
        payloadDays: connector.payloadDays,
        sandbox: true,
      },
      ACTOR,
    );
    ids.set(input.connector, id);
  }
  const flow = parseJson(await readFile(fromRoot("flows", `${sandboxFlow}.flow.json`), "utf8")) as Flow;
  if (!(await createFlow(db, flow, ACTOR)) && (await readVersion(db, flow.id, "latest"))) return;
  await publishVersion(db, flow, makeLock(flow, catalog), "First version, as it comes with Orderloom", ACTOR);
  const version = await readVersion(db, flow.id, "latest");
  if (!version) throw new Error("The sandbox flow was published and is not there.");
  const slots = Object.fromEntries(
    flow.slots.flatMap((slot) => {
      const id = ids.get(slot.connector);
      return id ? [[slot.name, id]] : [];
    }),
  );
  await putDeployment(db, sandboxEnvironment, flow.id, { version, slots, state: "active" }, ACTOR);
}
