import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { crashPoints } from "#runtime/crashPoints.ts";
import { fromRoot } from "#runtime/root.ts";

/** The rule: what writes or sends, in the server's own code, has a name in the table of crash points. */

/**
 * Not the engine: the schema itself, the database server's own files, and the systems that only play targets.
 */
const elsewhere = /^runtime\/(sandbox\/|store\/(migrations|embedded)\/|cli\/)|\.(test|fixture)\.ts$/;

const files = execFileSync(
  "git",
  ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "runtime"],
  {
    cwd: fromRoot("."),
    encoding: "utf8",
  },
)
  .split("\n")
  .filter((path) => path.endsWith(".ts") && !elsewhere.test(path) && existsSync(fromRoot(path)))
  .map((path) => ({ path, text: readFileSync(join(fromRoot("."), path), "utf8") }));

const writes =
  /\b(insert\s+into|update\s+(only\s+)?[\w.]+(\s+(as\s+)?\w+)?\s+set|delete\s+from|merge\s+into|create\s+table|drop\s+table|truncate|alter\s+table)\b/i;
/** `update ${table} set`, `delete from ${table}`: the name is put in. */
const textOf = (template: ts.TemplateLiteral): string =>
  ts.isNoSubstitutionTemplateLiteral(template)
    ? template.text
    : template.head.text + template.templateSpans.map((span) => `t${span.literal.text}`).join("");

const builders = new Set(["insertInto", "updateTable", "deleteFrom", "mergeInto", "replaceInto"]);
/** Methods that leave the process: a request to a system, a file moved or written in a folder. */
const steps = new Set(["perform", "move"]);

/** Where a file writes or sends without a point. */
function unnamed({ path, text }: { path: string; text: string }): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const say = (node: ts.Node, what: string) => {
    found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${what}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression: on, name } = node.expression;
      if (name.text === "transaction" && path !== "runtime/store/durable.ts") say(node, "opens a transaction; use transact()");
      if (name.text === "execute" && isSql(on) && writes.test(sqlText(on)) && !isNamed(node.arguments[0]))
        say(node, "writes; execute it on writing(db, point), or on a tx");
      if (builders.has(name.text) && on.getText() !== "tx") say(node, "writes; use a tx");
      const leaves = steps.has(name.text) || (name.text === "write" && on.getText() === "folder");
      if (leaves && !isCrossing(node)) say(node, `leaves the process by ${name.text}(); use crossing()`);
    }
    // A statement that is kept first and executed elsewhere would be out of sight; a fragment in another statement is not.
    if (isSql(node) && writes.test(sqlText(node)) && !isExecuted(node))
      say(node, "writes; execute the statement where it stands");
    if (
      ts.isParameter(node) &&
      node.name.getText() === "tx" &&
      node.type &&
      !/^(Tx|Transaction<Database>)$/.test(node.type.getText())
    )
      say(node, "calls something a tx that may be none");
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** sql`...` or sql.raw(`...`). */
const isSql = (node: ts.Node): node is ts.TaggedTemplateExpression | ts.CallExpression =>
  (ts.isTaggedTemplateExpression(node) && node.tag.getText() === "sql") ||
  (ts.isCallExpression(node) && node.expression.getText() === "sql.raw");

function sqlText(node: ts.Node): string {
  if (ts.isTaggedTemplateExpression(node)) return textOf(node.template);
  const [text] = ts.isCallExpression(node) ? node.arguments : [];
  return text && (ts.isTemplateExpression(text) || ts.isNoSubstitutionTemplateLiteral(text))
    ? textOf(text)
    : (text?.getText() ?? "");
}

const isExecuted = ({ parent }: ts.Node): boolean => ts.isPropertyAccessExpression(parent) && parent.name.text === "execute";

const isNamed = (on: ts.Node | undefined): boolean =>
  on !== undefined && (on.getText() === "tx" || (ts.isCallExpression(on) && on.expression.getText() === "writing"));

function isCrossing(node: ts.Node): boolean {
  for (let at: ts.Node = node; at.parent; at = at.parent)
    if (ts.isCallExpression(at) && at.expression.getText() === "crossing") return true;
  return false;
}

describe("the table of crash points", () => {
  it("sees the code", () => {
    expect(files.length).toBeGreaterThan(80);
    expect(files.filter(({ text }) => /\b(transact|writing)\(/.test(text)).length).toBeGreaterThan(12);
  });

  it("names every durable write and every request", () => {
    expect(files.flatMap(unnamed)).toEqual([]);
  });

  it("has nothing that is nowhere", () => {
    const used = new Set(files.flatMap(({ text }) => [...text.matchAll(/"([\w]+(?:\.\w+)?)"/g)].map(([, name]) => name)));
    const places = files.filter(({ path }) => path !== "runtime/crashPoints.ts").map(({ text }) => text);
    for (const point of Object.keys(crashPoints)) {
      expect(used).toContain(point);
      expect(
        places.some((text) => text.includes(`"${point}"`)),
        `${point} is named by no write and no request`,
      ).toBe(true);
    }
  });

  it.each([
    ["a statement on the database", "const f = (db) => sql`update task set state = 'DONE'`.execute(db);"],
    [
      "a statement over several lines",
      "const f = (db) => sql<Row>`\n  with a as (select 1)\n  delete from task using a`.execute(db);",
    ],
    ["a table put in", `const f = (db) => sql\`delete from \${sql.table(name)} where true\`.execute(db);`],
    ["a raw statement", `const f = (db) => sql.raw(\`drop table \${name}\`).execute(db);`],
    ["a statement kept for later", "const later = sql`insert into task (id) values (1)`;"],
    ["a transaction", "const f = (db) => db.transaction().execute(async (tx) => {});"],
    ["a built statement", 'const f = (db) => db.insertInto("task").values({}).execute();'],
    ["a request", "const f = (http) => http.perform(connector, connection, request);"],
    ["a file moved", "const f = (folder) => folder.move(from, to);"],
    ["a file written", "const f = (folder) => folder.write(place, text);"],
    ["a database called a tx", "function f(tx: Db) { return sql`update task set state = 'DONE'`.execute(tx); }"],
  ])("catches %s without a name", (_what, text) => {
    expect(unnamed({ path: "runtime/store/new.ts", text })).toHaveLength(1);
  });

  it.each([
    ["a named statement", 'const f = (db) => sql`update task set state = 1`.execute(writing(db, "claim"));'],
    ["a statement in a transaction", "const f = (tx: Tx) => sql`update task set state = 1`.execute(tx);"],
    ["a lock", "const f = (db) => sql`select 1 from task for update`.execute(db);"],
    ["a named request", 'const f = (http) => crossing("request.read", () => http.perform(a, b, c));'],
  ])("lets pass %s", (_what, text) => {
    expect(unnamed({ path: "runtime/store/new.ts", text })).toEqual([]);
  });
});
