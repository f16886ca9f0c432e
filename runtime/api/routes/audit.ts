import { Readable } from "node:stream";
import { Type } from "typebox";
import { writeCsv } from "#nodes/format/csv.ts";
import { auditChain, auditEntries, auditHead, listAudit } from "#runtime/store/audit.ts";
import { AuditHead, AuditPage, type AuditRow } from "#schemas/audit.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";

const tags = ["audit"];
const word = Type.String({ minLength: 1, maxLength: 256 });
const time = Type.String({ format: "date-time" });
const DEFAULT_PAGE = 50;

/** What entries can be narrowed by. */
const filters = {
  environment: Type.Optional(Type.String({ minLength: 1 })),
  actor: Type.Optional(word),
  action: Type.Optional(Type.String({ minLength: 1, maxLength: 80, description: "Or the part before its dot." })),
  subject: Type.Optional(word),
  since: Type.Optional(time),
  until: Type.Optional(time),
};

const columns = [
  ...["seq", "at", "actor", "action", "environment", "subject", "detail", "before", "after", "address", "agent", "hash"],
] as const;

/** Cells that would be formulas are written as text. */
const csv = (header: boolean) => ({ type: "csv" as const, header, columns: [...columns] });

const inCells = (row: AuditRow): Record<string, unknown> =>
  Object.fromEntries(
    columns.map((name) => {
      const value = row[name as keyof AuditRow];
      return [name, typeof value === "object" && value !== null ? JSON.stringify(value) : value];
    }),
  );

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
          ...filters,
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

  app.get(
    "/audit/table",
    {
      schema: {
        tags,
        summary: "Entries as CSV for a spreadsheet, the oldest first; narrowed like the list",
        querystring: Type.Object(filters),
        response: { 200: { content: { "text/csv": { schema: Type.Unsafe<Readable>(Type.String()) } } } },
      },
    },
    async (request, reply) => {
      const { query } = request;
      if (query.environment !== undefined) await requireEnvironment(db, query.environment);
      reply.type("text/csv; charset=utf-8").header("content-disposition", 'attachment; filename="orderloom-audit.csv"');
      return reply.send(Readable.from(table(query)));
    },
  );

  async function* lines(): AsyncGenerator<string> {
    for await (const rows of auditChain(db)) yield rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  }

  async function* table(query: Parameters<typeof auditEntries>[1]): AsyncGenerator<string> {
    yield writeCsv([], csv(true));
    for await (const rows of auditEntries(db, query)) yield writeCsv(rows.map(inCells), csv(false));
  }
}
