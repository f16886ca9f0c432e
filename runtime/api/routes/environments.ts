import { Type } from "typebox";
import { environmentStatus } from "#runtime/store/environmentStatus.ts";
import { setPayloadDays } from "#runtime/store/retention.ts";
import { EnvironmentStatus } from "#schemas/environmentStatus.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";

const params = Type.Object({ environment: Type.String() });
const PayloadDays = Type.Object({
  payloadDays: Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()], {
    description: "Days after which messages that come from now on are purged; null: kept as long as their runs.",
  }),
});

/** What waits in an environment, and how long it keeps what it took in. */
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

  app.put(
    "/environments/:environment/payload-days",
    {
      schema: {
        tags: ["environments"],
        summary: "Purge the contents of messages after so many days; a connector may demand less",
        params,
        body: PayloadDays,
        response: { 200: PayloadDays },
      },
    },
    async (request) => {
      const { environment } = request.params;
      await requireEnvironment(engine.db, environment);
      await setPayloadDays(engine.db, environment, request.body.payloadDays, actorOf(request));
      return { payloadDays: request.body.payloadDays };
    },
  );
}
