import { Readable } from "node:stream";
import { Type } from "typebox";
import { auditChain, auditHead, listAudit } from "#runtime/store/audit.ts";
import { AuditHead, AuditPage } from "#schemas/audit.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";

const tags = ["audit"];
const word = Type.String({ minLength: 1, maxLength: 256 });
const time = Type.String({ format: "date-time" });
const DEFAULT_PAGE = 50;

/** Who did what, when and from where. */
export function auditRoutes(app: App, { engine }: ApiParts): void {
  const { db } = engine;
  app.get(
    "/audit",
    {
      schema: {
        tags,
        summary: "The audit, the newest first",
        querystring: Type.Object({
          environment: Type.Optional(Type.String({ minLength: 1 })),
          actor: Type.Optional(word),
          action: Type.Optional(Type.String({ minLength: 1, maxLength: 80, description: "Or the part before its dot." })),
          subject: Type.Optional(word),
          since: Type.Optional(time),
          until: Type.Optional(time),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
          cursor: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 999_999_999_999_999, description: "`next` of the page before." }),
          ),
        }),
        response: { 200: AuditPage },
      },
    },
    async (request) => {
      if (request.query.environment !== undefined) await requireEnvironment(db, request.query.environment);
      return listAudit(db, { ...request.query, limit: request.query.limit ?? DEFAULT_PAGE });
    },
  );

  app.get(
    "/audit/head",
    {
      schema: {
        tags,
        summary: "The end of the chain; kept elsewhere, it shows later that nothing before it was changed",
        response: { 200: AuditHead },
      },
    },
    () => auditHead(db),
  );

  app.get(
    "/audit/export",
    {
      schema: {
        tags,
        summary: "The whole audit from its beginning, a line of JSON for each entry",
        response: { 200: { content: { "application/x-ndjson": { schema: Type.Unsafe<Readable>(Type.String()) } } } },
      },
    },
    async (_request, reply) => {
      reply
        .type("application/x-ndjson; charset=utf-8")
        .header("content-disposition", 'attachment; filename="orderloom-audit.ndjson"');
      return reply.send(Readable.from(lines()));
    },
  );

  async function* lines(): AsyncGenerator<string> {
    for await (const rows of auditChain(db)) yield rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  }
}
