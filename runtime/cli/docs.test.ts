import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { runCli } from "./program.ts";

const flowsDoc = readFileSync(fromRoot("docs/flows.md"), "utf8");
const controlsDoc = readFileSync(fromRoot("docs/control-nodes.md"), "utf8");
const cliDoc = readFileSync(fromRoot("docs/cli.md"), "utf8");

async function cli(cwd: string, ...args: string[]) {
  const out: string[] = [];
  const say = (text: string) => out.push(text);
  const code = await runCli(args, { out: say, err: say, cwd, root: fromRoot(), readStdin: async () => "" });
  return { code, out: out.join("\n") };
}

/** The JSON that stands in a guide under this mark. */
function example(guide: string, mark: string): { id?: string; name: string } {
  const text = new RegExp(`\`\`\`json ${mark}\n([^]*?)\`\`\``).exec(guide)?.[1];
  if (text === undefined) throw new Error(`The guide has no example marked ${mark}.`);
  return JSON.parse(text);
}

test.each([
  ["flow files", flowsDoc, "flow", "sample"],
  ["control nodes", controlsDoc, "control", "control-sample"],
])("the flow and the sample of the guide to %s run as they stand", async (_name, guide, flowMark, sampleMark) => {
  const folder = mkdtempSync(join(tmpdir(), "orderloom-docs-"));
  try {
    const [flow, sample] = [example(guide, flowMark), example(guide, sampleMark)];
    const file = `${flow.id}.flow.json`;
    mkdirSync(join(folder, "samples", flow.id ?? ""), { recursive: true });
    writeFileSync(join(folder, file), JSON.stringify(flow));
    writeFileSync(join(folder, "samples", flow.id ?? "", `${sample.name}.sample.json`), JSON.stringify(sample));
    expect(await cli(folder, "validate", file)).toEqual({ code: 0, out: `No problems in ${file}.` });
    const tested = await cli(folder, "test", file);
    expect([tested.code, tested.out.split("\n").at(-1)]).toEqual([0, "1 sample passed."]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the table of problems has exactly the codes that the checks give", () => {
  const folder = fromRoot("schemas/validate");
  const parts = [
    "controls",
    "draft",
    "edges",
    "flow",
    "hostile",
    "joins",
    "lookups",
    "nodes",
    "retries",
    "slots",
    "versions",
    "wiring",
    "lifecycle",
  ];
  const ofFlows = parts.map((name) => `${name}.ts`);
  const files = readdirSync(folder).filter((name) => ofFlows.includes(name));
  const source = files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  const given = [
    ...source.matchAll(
      /"((?:json|node|edge|slot|flow|config|expression|schema|retry|join|respond|error|lookup)\.[a-z][A-Za-z]+)"/g,
    ),
  ];
  const table = flowsDoc.slice(flowsDoc.indexOf("## What is checked"));
  // A form's faults have codes of their own making; some are named, all are of one kind.
  const kindOf = (code: string) => (code.startsWith("config.") ? "config.*" : code);
  const listed = [...table.matchAll(/`([a-z]+\.[A-Za-z*]+)`/g)].map(([, code = ""]) => kindOf(code));
  const expected = given.map(([, code = ""]) => code).filter((code) => !code.startsWith("config."));
  expect([...new Set([...expected, "config.*", "json.syntax", "schema.*"])].sort()).toEqual([...new Set(listed)].sort());
});

test("the reference has a section for each command, and each option", async () => {
  const help = await cli(".", "--help");
  const commands = [...help.out.matchAll(/^ {2}([a-z][a-z-]+)(?: \[options\])?/gm)].map(([, name = ""]) => name);
  for (const name of commands.filter((command) => command !== "help")) expect(cliDoc).toMatch(new RegExp(`^## ${name}\\b`, "m"));
  for (const command of [["run"], ["replay"], ["dead-letters", "list"], ["dead-letters", "retry"], ["dead-letters", "resolve"]]) {
    const options = (await cli(".", ...command, "--help")).out.match(/--[a-z]+/g) ?? [];
    for (const option of options.filter((name) => name !== "--help")) expect(cliDoc).toContain(option);
  }
});
