import type { FastifyInstance } from "fastify";
import type { Intake } from "./intake.ts";
import { challengeSchema, hookSchema } from "./openapi.ts";
import { deliveryOf, type SourceAddress, takeRawBodies } from "./rawRequests.ts";

/** `POST /hooks/{environment}/{flow}/{node}`: the address that marketplaces call. */
export function hookRoutes(
  app: FastifyInstance,
  { intake, maxBodyBytes, publicUrl }: { intake: Intake; maxBodyBytes: number; publicUrl: string | undefined },
): void {
  takeRawBodies(app, maxBodyBytes);
  app.post<{ Params: SourceAddress; Querystring: Record<string, unknown> }>(
    "/hooks/:environment/:flow/:node",
    { schema: hookSchema },
    async (request, reply) => {
      const { params, query } = request;
      const code = Object.keys(query).length > 0 ? await intake.echo({ ...params, query }) : undefined;
      // Serialised here: the schema of the answer is a receipt's.
      if (code !== undefined) return reply.code(200).type("text/plain; charset=utf-8").serializer(String).send(code);
      const { receipt, duplicate, status } = await intake.accept(deliveryOf(request, maxBodyBytes));
      return reply.code(status).send({ receipt, duplicate });
    },
  );
  app.get<{ Params: SourceAddress; Querystring: Record<string, unknown> }>(
    "/hooks/:environment/:flow/:node",
    { schema: challengeSchema },
    ({ params, query, protocol, host, url }) => {
      // The address that the system was told, without what it added.
      const address = new URL(url.split("?")[0] ?? "", publicUrl ?? `${protocol}://${host}`).href;
      return intake.challenge({ ...params, query, address });
    },
  );
}
