import { Type } from "typebox";
import { environmentStatus } from "#runtime/store/environmentStatus.ts";
import { EnvironmentStatus } from "#schemas/environmentStatus.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";

const params = Type.Object({ environment: Type.String() });
/** What waits in an environment, and whether there is room for more. */
export function environmentRoutes(app: App, { engine }: ApiParts): void {
  app.get(
    "/environments/:environment/status",
    {
      schema: {
        tags: ["environments"],
        summary: "What waits, by flow and connection, the room there is, and what is kept beyond its time",
        params,
        response: { 200: EnvironmentStatus },
      },
    },
    async (request) => {
      await requireEnvironment(engine.db, request.params.environment);
      return environmentStatus(engine.db, request.params.environment);
    },
  );
}
