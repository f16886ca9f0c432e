import { Type } from "typebox";
import { type ConnectionContext, systemAccount } from "#nodes/connector/connection.ts";
import { connectionFaults } from "#nodes/connector/connectionFaults.ts";
import { secretsElsewhere } from "#nodes/connector/destinations.ts";
import { findConnection, putConnection } from "#runtime/store/connections.ts";
import { Connection, ConnectionName, ConnectionSettings } from "#schemas/connection.ts";
import type { Connector } from "#schemas/connector.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";

/** Connections are made and changed in each environment for itself; secrets never move with a flow. */
export function connectionSettingRoutes(app: App, { engine, catalog }: ApiParts): void {
  app.put(
    "/environments/:environment/connections/:name",
    {
      schema: {
        tags: ["connections"],
        summary: "Make a connection, or change its settings and secrets",
        description:
          "Secrets left out stay as they are, and are never read back; to a host that they were not given for they go only when given again. Its connector and its account stay what they were.",
        params: Type.Object({ environment: Type.String(), name: ConnectionName }),
        body: ConnectionSettings,
        response: { 200: Connection },
      },
    },
    async (request) => {
      const { environment, name } = request.params;
      const { connector: id, config, secrets = {} } = request.body;
      await requireEnvironment(engine.db, environment);
      const connector = Object.hasOwn(catalog.connectors, id) ? catalog.connectors[id] : undefined;
      if (!connector) throw new ApiFailure("notFound", { what: `connector ${id}` });
      const old = await findConnection(engine.db, environment, name);
      const [fault] = connectionFaults(connector, { config, secrets, secretNames: old?.secretNames ?? [] });
      if (fault) throw new ApiFailure("connectionInvalid", { detail: fault });
      const account = accountOf(connector, config);
      await putConnection(
        engine.db,
        engine.box,
        {
          environment,
          name,
          connector: id,
          connectorVersion: connector.version,
          systemAccount: account,
          config,
          secrets,
          sandbox: old?.sandbox ?? false,
          ...(old ? { workerGroup: old.workerGroup } : {}),
          payloadDays: connector.payloadDays,
        },
        actorOf(request),
        (kept) => {
          requireSame(kept, id, account);
          requireSecrets(connector, kept, { config, secrets });
        },
      );
      engine.deployments.forget();
      const made = await findConnection(engine.db, environment, name);
      if (!made) throw new ApiFailure("notFound", { what: `connection ${name} in ${environment}` });
      return made;
    },
  );
}

/** The account is part of effect keys: under another one, all that was posted could be posted again. */
function requireSame({ name, connector, systemAccount }: Connection, id: string, account: string): void {
  if (connector !== id || systemAccount !== account)
    throw new ApiFailure("connectionFixed", { connection: name, connector, account: systemAccount });
}

/** An admin, or whoever has an admin's token, reads no secret: nor has it sent to a host of theirs. */
function requireSecrets(connector: Connector, kept: Connection, given: ConnectionContext): void {
  const elsewhere = secretsElsewhere(connector, kept, given);
  if (!elsewhere) return;
  const { places, secrets } = elsewhere;
  const params = { connection: kept.name, secrets: secrets.join(", "), places: places.join(" and ") };
  throw new ApiFailure("secretsElsewhere", params, { details: elsewhere });
}

function accountOf(connector: Connector, config: Record<string, unknown>): string {
  try {
    return systemAccount(connector, config);
  } catch (error) {
    throw new ApiFailure("connectionInvalid", { detail: error instanceof Error ? error.message : String(error) });
  }
}
