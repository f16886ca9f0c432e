import { Type } from "typebox";
import { folderTransport } from "#nodes/connector/connectionTest.ts";
import { tryConnection } from "#runtime/engine/tryConnection.ts";
import { tryFolder } from "#runtime/sources/tryFolder.ts";
import { connectionHealth, unused } from "#runtime/store/connectionHealth.ts";
import {
  findConnection,
  keepTest,
  listConnections,
  openConnections,
  setConcurrency,
  setConnectionState,
} from "#runtime/store/connections.ts";
import { Connections } from "#schemas/api.ts";
import { Connection, ConnectionTestResult } from "#schemas/connection.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";

const tags = ["connections"];
const Concurrency = Type.Object({ concurrency: Connection.properties.concurrency });
const Named = Type.Object({ environment: Type.String(), name: Type.String() });

/** Connections of an environment; their secrets are never read back. */
export function connectionRoutes(app: App, { engine, catalog }: ApiParts): void {
  app.get(
    "/environments/:environment/connections",
    {
      schema: {
        tags,
        summary: "The connections of an environment, and how each fares",
        params: Type.Object({ environment: Type.String() }),
        response: { 200: Connections },
      },
    },
    async (request) => {
      const { environment } = request.params;
      await requireEnvironment(engine.db, environment);
      const [connections, all] = await Promise.all([
        listConnections(engine.db, environment),
        connectionHealth(engine.db, environment),
      ]);
      const healths = new Map(all.map(({ id, environment: _environment, name: _name, ...health }) => [id, health]));
      const items = connections.map((connection) => {
        // One made since the look that is shared.
        const health = healths.get(connection.id) ?? unused;
        // One that nobody has used yet has what its connector allows.
        const places = health.places || (catalog.connectors[connection.connector]?.limits.concurrency ?? 1);
        return { ...connection, health: { ...health, places } };
      });
      return { items };
    },
  );

  app.put(
    "/environments/:environment/connections/:name/concurrency",
    {
      schema: {
        tags,
        summary: "Allow more or fewer requests at once than the connector does; null for what it allows",
        params: Named,
        body: Concurrency,
        response: { 200: Connection },
      },
    },
    async (request) => {
      const { environment, name } = request.params;
      const found = await required(environment, name);
      await setConcurrency(engine.db, found.id, request.body.concurrency, actorOf(request));
      engine.deployments.forget();
      return required(environment, name);
    },
  );

  app.post(
    "/environments/:environment/connections/:name/test",
    {
      schema: {
        tags,
        summary: "Try a connection with the question that its connector declares, and keep what came of it",
        description: "Nothing is changed over there. A source of files has its folder looked into; nothing is taken.",
        params: Named,
        response: { 200: ConnectionTestResult },
      },
    },
    async (request) => {
      const { environment, name } = request.params;
      const { id } = await required(environment, name);
      const [connection] = await openConnections(engine.db, engine.box, [id]);
      const connector = connection && catalog.connectors[connection.connector];
      if (!connector) throw new ApiFailure("notFound", { what: `the connector of ${name} in ${environment}` });
      const transport = folderTransport(connector);
      const result = await (transport ? tryFolder(engine, transport, connection) : tryConnection(engine, connector, connection));
      await keepTest(engine.db, connection, result, actorOf(request));
      return result;
    },
  );

  async function required(environment: string, name: string): Promise<Connection> {
    await requireEnvironment(engine.db, environment);
    const found = await findConnection(engine.db, environment, name);
    if (!found) throw new ApiFailure("notFound", { what: `connection ${name} in ${environment}` });
    return found;
  }

  for (const [verb, state, reason] of [
    ["pause", "paused", "Paused by hand."],
    ["resume", "active", null],
  ] as const) {
    app.post(
      `/environments/:environment/connections/:name/${verb}`,
      {
        schema: {
          tags,
          summary:
            verb === "pause" ? "Send nothing over a connection until it is resumed" : "Let effects through a connection again",
          params: Named,
          response: { 200: Connection },
        },
      },
      async (request) => {
        const { environment, name } = request.params;
        const found = await required(environment, name);
        await setConnectionState(engine.db, found.id, state, reason, actorOf(request));
        engine.deployments.forget();
        return required(environment, name);
      },
    );
  }
}
