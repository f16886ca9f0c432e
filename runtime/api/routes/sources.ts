import { Type } from "typebox";
import { listSources } from "#runtime/store/sources.ts";
import { Sources } from "#schemas/api.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";

/** How the sources of deployed flows fare: when they look next, how far they came, what went wrong last. */
export function sourceRoutes(app: App, { engine }: ApiParts): void {
  app.get(
    "/environments/:environment/sources",
    {
      schema: {
        tags: ["sources"],
        summary: "The sources of an environment, or of one flow in it, and how they fare",
        params: Type.Object({ environment: Type.String() }),
        querystring: Type.Object({ flow: Type.Optional(Type.String()) }),
        response: { 200: Sources },
      },
    },
    async (request) => {
      await requireEnvironment(engine.db, request.params.environment);
      return { items: await listSources(engine.db, request.params.environment, request.query.flow) };
    },
  );
}
