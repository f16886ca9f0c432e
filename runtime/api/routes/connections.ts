import { Type } from "typebox";
import { findConnection, listConnections, setConnectionState } from "#runtime/store/connections.ts";
import { Connections } from "#schemas/api.ts";
import { Connection } from "#schemas/connection.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";

const tags = ["connections"];
const Named = Type.Object({ environment: Type.String(), name: Type.String() });

/** Connections of an environment; their secrets are never read back. */
export function connectionRoutes(app: App, { engine }: ApiParts): void {
  app.get(
    "/environments/:environment/connections",
    {
      schema: {
        tags,
        summary: "The connections of an environment",
        params: Type.Object({ environment: Type.String() }),
        response: { 200: Connections },
      },
    },
    async (request) => {
      await requireEnvironment(engine.db, request.params.environment);
      return { items: await listConnections(engine.db, request.params.environment) };
    },
  );

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
        await requireEnvironment(engine.db, environment);
        const found = await findConnection(engine.db, environment, name);
        if (!found) throw new ApiFailure("notFound", { what: `connection ${name} in ${environment}` });
        await setConnectionState(engine.db, found.id, state, reason, actorOf(request));
        engine.deployments.forget();
        return (await findConnection(engine.db, environment, name)) as Connection;
      },
    );
  }
}
