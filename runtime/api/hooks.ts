import type { FastifyInstance } from "fastify";
import type { Intake } from "./intake.ts";
import { hookSchema } from "./openapi.ts";
import { deliveryOf, type SourceAddress, takeRawBodies } from "./rawRequests.ts";

/** `POST /hooks/{environment}/{flow}/{node}`: the address that marketplaces call. */
export function hookRoutes(app: FastifyInstance, { intake, maxBodyBytes }: { intake: Intake; maxBodyBytes: number }): void {
  takeRawBodies(app, maxBodyBytes);
  app.post<{ Params: SourceAddress }>("/hooks/:environment/:flow/:node", { schema: hookSchema }, async (request, reply) => {
    const { receipt, duplicate, status } = await intake.accept(deliveryOf(request, maxBodyBytes));
    return reply.code(status).send({ receipt, duplicate });
  });
}
