import { readFile } from "node:fs/promises";
import { sql } from "kysely";
import { Type } from "typebox";
import { mappingFiles } from "#nodes/lock.ts";
import { fromRoot } from "#runtime/root.ts";
import { listEnvironments } from "#runtime/store/environments.ts";
import { ConnectorDetail, Connectors, NodePage, NodeTypes, SystemInfo } from "#schemas/api.ts";
import { Environments } from "#schemas/environment.ts";
import { permits } from "#schemas/people.ts";
import type { ApiParts, App } from "../app.ts";
import { callerOf } from "../caller.ts";
import { ApiFailure } from "../errors.ts";

const Ready = Type.Object({ ok: Type.Boolean(), database: Type.Boolean(), queue: Type.Boolean() });

/** Whether this process lives, and whether it can do its work. */
export function probeRoutes(app: App, { engine }: ApiParts): void {
  app.get(
    "/healthz",
    {
      schema: {
        tags: ["probes"],
        summary: "Whether the process lives",
        security: [],
        response: { 200: Type.Object({ ok: Type.Boolean() }) },
      },
    },
    () => ({ ok: true }),
  );

  const schema = {
    tags: ["probes"],
    summary: "Whether messages can be accepted",
    security: [],
    response: { 200: Ready, 503: Ready },
  };
  app.get("/readyz", { schema }, async (_request, reply) => {
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
}

/** What this installation is, and what flows can be made of. */
export function systemRoutes(app: App, { engine, catalog, info }: ApiParts): void {
  app.get(
    "/system",
    { schema: { tags: ["system"], summary: "What this installation is", response: { 200: SystemInfo } } },
    () => info,
  );

  app.get(
    "/environments",
    { schema: { tags: ["system"], summary: "The environments that one may see", response: { 200: Environments } } },
    async (request) => {
      const all = await listEnvironments(engine.db);
      return { items: all.filter(({ id }) => permits(callerOf(request).grants, "see", id)) };
    },
  );

  app.get("/node-types", { schema: { tags: ["catalog"], summary: "Every node type", response: { 200: NodeTypes } } }, () => ({
    items: Object.values(catalog.manifests),
  }));

  app.get(
    "/node-types/:type/page",
    {
      schema: {
        tags: ["catalog"],
        summary: "What is written of a node type for people, in Markdown",
        params: Type.Object({ type: Type.String() }),
        response: { 200: NodePage },
      },
    },
    async (request) => {
      const { type } = request.params;
      // Only what the catalog knows is part of a path.
      const manifest = Object.hasOwn(catalog.manifests, type) ? catalog.manifests[type] : undefined;
      if (!manifest) throw new ApiFailure("notFound", { what: `node type ${type}` });
      const { connector } = manifest;
      const file = connector ? fromRoot("nodes", "connectors", `${connector}.README.md`) : fromRoot("nodes", type, "README.md");
      return { markdown: await readFile(file, "utf8").catch(() => null) };
    },
  );

  app.get("/connectors", { schema: { tags: ["catalog"], summary: "Every connector", response: { 200: Connectors } } }, () => ({
    items: Object.values(catalog.connectors).map(
      ({ id, version, title, summary, system, badge, lifecycle, operations, connection }) => ({
        id,
        version,
        title,
        summary,
        system,
        badge,
        lifecycle,
        operations: Object.keys(operations),
        connection,
      }),
    ),
  }));

  app.get(
    "/connectors/:connector",
    {
      schema: {
        tags: ["catalog"],
        summary: "One connector with its mappings",
        params: Type.Object({ connector: Type.String() }),
        response: { 200: ConnectorDetail },
      },
    },
    (request) => {
      const { connector: id } = request.params;
      const connector = Object.hasOwn(catalog.connectors, id) ? catalog.connectors[id] : undefined;
      if (!connector) throw new ApiFailure("notFound", { what: `connector ${id}` });
      const own = mappingFiles(connector).map((file) => [file, catalog.mappings[`${id}/${file}`] ?? ""]);
      return { connector, mappings: Object.fromEntries(own) as Record<string, string> };
    },
  );
}
