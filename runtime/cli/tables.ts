import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileText } from "#nodes/bundle/fileText.ts";
import { ReferenceTable, TABLE_NAME, type TableContent, type TableSummary, type WholeTable } from "#schemas/referenceTable.ts";
import { fitTable, tableChanges } from "#schemas/tableRows.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { requireJson } from "./files.ts";
import { counted, type Io, type Report, UserError } from "./output.ts";
import { mustAsk, type ServerOptions } from "./server.ts";

/** Reference tables of an environment as files, each with its rows: `tables/ENVIRONMENT/NAME.table.json` in a folder. */
export interface TableOptions extends ServerOptions {
  environment: string;
}

const ENDING = ".table.json";
const fileOf = (environment: string, name: string): string => `tables/${environment}/${name}${ENDING}`;

interface OnServer extends TableContent {
  revision: number;
}

const textOf = (name: string, { title, columns, key, rows }: TableContent): string =>
  fileText({ name, ...(title === "" ? {} : { title }), columns, key, rows });

async function onServer({ environment, ...options }: TableOptions): Promise<Map<string, OnServer>> {
  const path = `/environments/${encodeURIComponent(environment)}/tables`;
  const { items } = await mustAsk<{ items: TableSummary[] }>(options, "GET", path);
  const tables = new Map<string, OnServer>();
  for (const { name } of items) {
    // What came over the network names no place outside of the folder.
    if (!new RegExp(TABLE_NAME).test(name))
      throw new UserError(`The server has a table ${JSON.stringify(name)}, which is no name of a file.`);
    tables.set(name, await mustAsk<WholeTable>(options, "GET", `${path}/${name}`));
  }
  return tables;
}

/** The tables that stand in a folder; throws a UserError that says which file is none, and why. */
async function inFolder(folder: string, environment: string, cwd: string): Promise<Map<string, TableContent>> {
  const place = dirname(fileOf(environment, "x"));
  const names = await readdir(resolve(cwd, folder, place)).catch(() => [] as string[]);
  const tables = new Map<string, TableContent>();
  for (const file of names.filter((each) => each.endsWith(ENDING)).sort()) {
    const { document } = await requireJson(join(folder, place, file), cwd);
    const checked = checkAgainst(ReferenceTable, document);
    if (!checked.ok) throw new Error(`The schema of reference tables cannot be used: ${checked.message}`);
    const [fault] = checked.faults;
    if (fault) throw new UserError(`${place}/${file} is no reference table: ${fault.subject || "it"} ${fault.predicate}.`);
    const { name, rows = [], ...given } = document as ReferenceTable;
    if (`${name}${ENDING}` !== file) throw new UserError(`${place}/${file} is called ${name} inside.`);
    const fitted = fitTable({ ...given, rows });
    if (!fitted.ok) throw new UserError(`${place}/${file}: ${fitted.faults.join(" ")}`);
    tables.set(name, fitted.content);
  }
  return tables;
}

/** Writes the tables of an environment into a folder; what says the same already is left alone. */
export async function pullTables(folder: string, options: TableOptions, io: Io): Promise<Report> {
  const written: string[] = [];
  const tables = await onServer(options);
  for (const [name, table] of tables) {
    const file = fileOf(options.environment, name);
    const target = resolve(io.cwd, folder, file);
    const text = textOf(name, table);
    if ((await readFile(target, "utf8").catch(() => undefined)) === text) continue;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    written.push(file);
  }
  const unchanged = tables.size - written.length;
  const summary = `${counted(tables.size, "table")}, ${counted(written.length, "file")} written, ${unchanged} unchanged.`;
  return {
    ok: true,
    text: [...written.map((file) => `written: ${file}`), summary].join("\n"),
    json: { ok: true, tables: [...tables.keys()], written, unchanged },
  };
}

/** How a table of a folder stands to that of the server: a sentence, or nothing where both say the same. */
function difference(name: string, mine: TableContent | undefined, theirs: OnServer | undefined): string | undefined {
  if (!mine) return `only on the server: ${name}`;
  if (!theirs) return `only in the files: ${name}, with ${counted(mine.rows.length, "row")}`;
  if (textOf(name, mine) === textOf(name, theirs)) return undefined;
  const { added, changed, removed } = tableChanges(theirs, mine);
  const rows = [
    [added, "added"],
    [changed, "changed"],
    [removed, "removed"],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  return `differs: ${name}: ${rows.length === 0 ? "its columns or titles" : `rows of the files beside those of the server: ${rows.join(", ")}`}`;
}

/** Says which tables of an environment are otherwise than in a folder; all is well when none is. */
export async function tableDrift(folder: string, options: TableOptions, io: Io): Promise<Report> {
  const [mine, theirs] = [await inFolder(folder, options.environment, io.cwd), await onServer(options)];
  const names = [...new Set([...mine.keys(), ...theirs.keys()])].sort();
  const drift = names.flatMap((name) => difference(name, mine.get(name), theirs.get(name)) ?? []);
  const ok = drift.length === 0;
  const end = ok
    ? "The server has what the files say."
    : `${counted(drift.length, "table")} ${drift.length === 1 ? "differs" : "differ"}.`;
  return { ok, text: [...drift, end].join("\n"), json: { ok, drift } };
}

/**
 * Puts the tables of a folder into an environment, each whole; one that only the server has stays. A table that somebody
 * changes in the same moment is refused, and those before it have been put.
 */
export async function pushTables(folder: string, options: TableOptions & { dryRun?: boolean }, io: Io): Promise<Report> {
  const { environment, dryRun = false, ...server } = options;
  const mine = await inFolder(folder, environment, io.cwd);
  if (mine.size === 0) throw new UserError(`There is no ${dirname(fileOf(environment, "x"))}/NAME${ENDING} in ${folder}.`);
  const theirs = await onServer(options);
  const said: string[] = [];
  for (const [name, table] of mine) {
    const differs = difference(name, table, theirs.get(name));
    if (differs === undefined) continue;
    said.push(differs.replace("only in the files", "new").replace("differs", "changes"));
    if (dryRun) continue;
    const { title, columns, key, rows } = table;
    const body = { title, columns, key, rows, revision: theirs.get(name)?.revision ?? null };
    await mustAsk(server, "PUT", `/environments/${encodeURIComponent(environment)}/tables/${name}`, body);
  }
  const end =
    said.length === 0 ? "The server has what the files say." : dryRun ? "Nothing was changed: this was a dry run." : "Done.";
  return { ok: true, text: [...said, end].join("\n"), json: { ok: true, applied: !dryRun, changes: said } };
}
