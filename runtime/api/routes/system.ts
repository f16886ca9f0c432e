import { sql } from "kysely";
import { Connectors, Environments, NodeTypes, SystemInfo } from "#schemas/api.ts";
import type { ApiParts, App } from "../app.ts";

/** Health, what this installation is, and what flows can be made of. */
export function systemRoutes(app: App, { engine, catalog, info }: ApiParts): void {
  app.get("/healthz", { schema: { hide: true } }, () => ({ ok: true }));

  app.get("/readyz", { schema: { hide: true } }, async (_request, reply) => {
    const [database, queue] = await Promise.all([
      sql`select 1`.execute(engine.db).then(
        () => true,
        () => false,
      ),
      engine.queues.health().catch(() => false),
    ]);
    // Without the queue messages are still accepted and the sweep catches up: ready, and said so.
    return reply.code(database ? 200 : 503).send({ ok: database, database, queue });
  });

  app.get(
    "/api/v1/system",
    { schema: { tags: ["system"], summary: "What this installation is", response: { 200: SystemInfo } } },
    () => info,
  );

  app.get(
    "/api/v1/environments",
    { schema: { tags: ["system"], summary: "The environments", response: { 200: Environments } } },
    async () => ({ items: await engine.db.selectFrom("environment").selectAll().orderBy("position").execute() }),
  );

  app.get(
    "/api/v1/node-types",
    { schema: { tags: ["catalog"], summary: "Every node type", response: { 200: NodeTypes } } },
    () => ({
      items: Object.values(catalog.manifests),
    }),
  );

  app.get(
    "/api/v1/connectors",
    { schema: { tags: ["catalog"], summary: "Every connector", response: { 200: Connectors } } },
    () => ({
      items: Object.values(catalog.connectors).map(({ id, version, title, summary, system, badge, operations }) => ({
        id,
        version,
        title,
        summary,
        system,
        badge,
        operations: Object.keys(operations),
      })),
    }),
  );
}
