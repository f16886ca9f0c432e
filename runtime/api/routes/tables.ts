import { Type } from "typebox";
import { readTableText, tableCsv } from "#nodes/table.ts";
import {
  type KeptTable,
  listTables,
  type NewContent,
  readTable,
  type TableWrite,
  type TableWritten,
  writeTable,
} from "#runtime/store/referenceTables.ts";
import { tableFlows } from "#runtime/store/tableFlows.ts";
import {
  ChangeRows,
  ImportedRows,
  ImportRows,
  MOST_TABLES,
  PutTable,
  TableChanged,
  TableName,
  type TableSummary,
  Tables,
  WholeTable,
} from "#schemas/referenceTable.ts";
import { changeRows, type FittedTable, fitTable, tableChanges } from "#schemas/tableRows.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";
import { requireStillUsable } from "../tables.ts";

const tags = ["tables"];
const params = Type.Object({ environment: Type.String(), table: TableName });

interface Place {
  environment: string;
  table: string;
}

const noTable = ({ environment, table }: Place): ApiFailure =>
  new ApiFailure("notFound", { what: `reference table ${table} in ${environment}` });

/** What fits the table, or the sentences that say why it does not. */
const fitted = (made: FittedTable): NewContent<ApiFailure> =>
  made.ok
    ? { ok: true, content: made.content }
    : { ok: false, refusal: new ApiFailure("tableInvalid", { detail: made.faults[0] ?? "" }, { details: made.faults }) };

/** What one system calls a thing, by what another calls it: tables that flows look things up in. */
export function tableRoutes(app: App, { engine }: ApiParts): void {
  const { db } = engine;

  const summaries = async (environment: string): Promise<TableSummary[]> => {
    const [tables, flows] = await Promise.all([listTables(db, environment), tableFlows(db, environment)]);
    return tables.map((table) => {
      const using = flows.filter(({ uses }) => uses.some((use) => use.table === table.name)).map(({ flow }) => flow);
      return { ...table, flows: [...new Set(using)].sort() };
    });
  };

  const summaryOf = async (place: Place): Promise<TableSummary> => {
    const found = (await summaries(place.environment)).find(({ name }) => name === place.table);
    if (!found) throw noTable(place);
    return found;
  };

  const standing = async (place: Place, at?: number): Promise<KeptTable> => {
    await requireEnvironment(db, place.environment);
    const found = await readTable(db, place.environment, place.table, at);
    if (!found) throw noTable(place);
    return found;
  };

  const write = async (
    place: Place,
    { revision, become }: Pick<TableWrite<ApiFailure>, "revision" | "become">,
    actor: string,
  ): Promise<Extract<TableWritten<ApiFailure>, { ok: true }>> => {
    const { environment, table } = place;
    await requireEnvironment(db, environment);
    const written = await writeTable(db, { environment, name: table, revision, become }, actor);
    if (written.ok) return written;
    if (written.why === "refused") throw written.refusal;
    if (written.why === "stale") throw new ApiFailure("tableChanged", { table }, { details: { revision: written.revision } });
    throw written.why === "missing" ? noTable(place) : new ApiFailure("tablesFull", { environment, most: MOST_TABLES });
  };

  app.get(
    "/environments/:environment/tables",
    {
      schema: {
        tags,
        summary: "The reference tables of an environment, without their rows",
        params: Type.Object({ environment: Type.String() }),
        response: { 200: Tables },
      },
    },
    async (request) => {
      await requireEnvironment(db, request.params.environment);
      return { items: await summaries(request.params.environment) };
    },
  );

  app.get(
    "/environments/:environment/tables/:table",
    {
      schema: {
        tags,
        summary: "A reference table with its rows, in the order of their keys",
        params,
        response: { 200: WholeTable },
      },
    },
    async (request) => {
      const { rows } = await standing(request.params);
      return { ...(await summaryOf(request.params)), rows: [...rows] };
    },
  );

  app.get(
    "/environments/:environment/tables/:table/csv",
    {
      schema: {
        tags,
        summary: "The rows as CSV for a spreadsheet; what it would run as a formula is written as text",
        params,
        response: { 200: { content: { "text/csv": { schema: Type.Unsafe<string>(Type.String()) } } } },
      },
    },
    async (request, reply) => {
      const content = await standing(request.params);
      reply.type("text/csv; charset=utf-8").header("content-disposition", `attachment; filename="${request.params.table}.csv"`);
      return reply.send(tableCsv(content));
    },
  );

  app.put(
    "/environments/:environment/tables/:table",
    {
      schema: {
        tags,
        summary: "Make a reference table, or put it whole",
        description: "Refused when a flow deployed there finds rows by other columns.",
        params,
        body: PutTable,
        response: { 200: TableChanged },
      },
    },
    async (request) => {
      const { environment, table } = request.params;
      const { revision, ...given } = request.body;
      const become: TableWrite<ApiFailure>["become"] = async (_standing, tx) => {
        const made = fitted(fitTable(given));
        if (made.ok) await requireStillUsable(tx, environment, table, made.content);
        return made;
      };
      const { changes } = await write(request.params, { revision, become }, actorOf(request));
      return { table: await summaryOf(request.params), changes };
    },
  );

  app.post(
    "/environments/:environment/tables/:table/rows",
    {
      schema: {
        tags,
        summary: "Put rows into a table, each in the place of that of its key, and remove others",
        params,
        body: ChangeRows,
        response: { 200: TableChanged },
      },
    },
    async (request) => {
      const { revision, ...change } = request.body;
      const become = (content: KeptTable | undefined): NewContent<ApiFailure> =>
        content ? fitted(changeRows(content, change)) : { ok: false, refusal: noTable(request.params) };
      const { changes } = await write(request.params, { revision, become }, actorOf(request));
      return { table: await summaryOf(request.params), changes };
    },
  );

  app.post(
    "/environments/:environment/tables/:table/import",
    {
      schema: {
        tags,
        summary: "Take rows in from CSV or cells of a spreadsheet, or only say what they would change",
        params,
        body: ImportRows,
        response: { 200: ImportedRows },
      },
    },
    async (request) => {
      const { text, mode, dryRun = false, revision } = request.body;
      const before = await standing(request.params);
      const made = readTableText(before, text, mode);
      const seen = made.ok ? [] : made.faults;
      const table = await summaryOf(request.params);
      const applied = made.ok && !dryRun;
      if (!applied) return { table, changes: tableChanges(before, made.ok ? made.content : before), faults: seen, applied };
      const become = (content: KeptTable | undefined): NewContent<ApiFailure> =>
        content ? fitted(readTableText(content, text, mode)) : { ok: false, refusal: noTable(request.params) };
      const { changes } = await write(request.params, { revision, become }, actorOf(request));
      return { table: await summaryOf(request.params), changes, faults: seen, applied };
    },
  );

  app.delete(
    "/environments/:environment/tables/:table",
    {
      schema: {
        tags,
        summary: "Remove a reference table in which no flow deployed there looks anything up",
        params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { environment, table } = request.params;
      const become: TableWrite<ApiFailure>["become"] = async (_standing, tx) => {
        await requireStillUsable(tx, environment, table, undefined);
        return { ok: true as const, content: undefined };
      };
      await write(request.params, { revision: undefined, become }, actorOf(request));
      return reply.code(204).send(null);
    },
  );
}
