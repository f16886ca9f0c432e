import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { brokenFlows, type Json } from "./brokenFlows.fixture.ts";
import { runCli } from "./program.ts";

const root = fromRoot();
const flowFile = join(root, "flows/shopify-order-to-cash.flow.json");
const samples = join(root, "flows/samples/shopify-order-to-cash");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "orderloom-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function cli(args: string[], stdin = "") {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (t: string) => out.push(t),
    err: (t: string) => err.push(t),
    cwd: folder,
    root,
    readStdin: async () => stdin,
  };
  const code = await runCli(args, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const json = (text: string): Record<string, unknown> => JSON.parse(text);
const readFlow = (): Json => JSON.parse(readFileSync(flowFile, "utf8"));
const write = (name: string, content: unknown): string => {
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
};

describe("validate", () => {
  test("finds nothing wrong with what is shipped", async () => {
    const files = ["shopify", "netsuite", "shiphero"].map((id) => join(root, `nodes/connectors/${id}.connector.json`));
    const { code, out } = await cli(["validate", flowFile, ...files, join(samples, "us-two-lines.sample.json")]);
    expect([code, out]).toEqual([0, "No problems in 5 files."]);
  });

  test("has at least forty ways for a flow to be broken", () => expect(brokenFlows.length).toBeGreaterThan(40));

  test.each(brokenFlows)("says one sentence with the place for $name", async ({ text, says }) => {
    const { code, out, err } = await cli(["validate", write("broken.flow.json", text(readFlow()))]);
    expect([code, err]).toEqual([1, ""]);
    const lines = out.split("\n");
    expect(lines.filter((line) => line.startsWith("broken.flow.json: error: "))).toHaveLength(1);
    expect(lines.slice(1)).toEqual(["1 error in broken.flow.json."]);
    for (const part of says) expect(lines[0]).toContain(part);
    expect(out).not.toMatch(/\bat .*\.ts:\d+|undefined|\[object/);
  });

  test("gives machines the same as JSON", async () => {
    const file = write("cycle.flow.json", brokenFlows.find(({ name }) => name === "a cycle")?.text(readFlow()) ?? "");
    const { code, out } = await cli(["validate", file, "--json"]);
    expect(code).toBe(1);
    expect(json(out)).toMatchObject({
      ok: false,
      files: [{ file, problems: [{ code: "flow.cycle", edge: "loop", node: "erp" }] }],
    });
  });

  test("passes a flow with warnings, and shows them", async () => {
    const flow = readFlow();
    flow.slots.push({ name: "spare", connector: "netsuite" });
    const { code, out } = await cli(["validate", write("warned.flow.json", flow)]);
    expect(code).toBe(0);
    expect(out).toContain('warning: No node uses the slot "spare".');
    expect(out).toContain("1 warning in warned.flow.json.");
  });

  test("reads every file, also behind one that is not there", async () => {
    const { code, out } = await cli(["validate", "missing.flow.json", ".", flowFile]);
    expect(code).toBe(1);
    expect(out).toContain("The file missing.flow.json does not exist.");
    expect(out).toContain("is a folder, not a file.");
    expect(out).toContain("2 errors in 3 files.");
  });
});

describe("migrate", () => {
  const older = () => ({
    ...readFlow(),
    nodes: [
      { id: "orders", type: "amazon.ordersChanged", slot: "amazon", config: { statuses: "UNSHIPPED,SHIPPED" } },
      { id: "old", type: "amazon.ordersChangedV0", slot: "amazon", version: 2, config: { fulfilledBy: "AFN" } },
      { id: "later", type: "delay", config: { seconds: 5, until: "$now()" } },
    ],
    edges: [],
    layout: undefined,
    slots: [{ name: "amazon", connector: "amazon" }],
  });
  const nodesIn = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")).nodes as Json[];

  test("updates what validate finds, shows each field, and does nothing a second time", async () => {
    const file = write("older.flow.json", older());
    const checked = await cli(["validate", file]);
    expect(checked.out).toContain(
      'Node "orders" was made with version 1 of "amazon.ordersChanged"; version 2 has other settings.',
    );
    expect(checked.out).toContain("orderloom migrate");
    const before = readFileSync(join(folder, file), "utf8");
    expect(await cli(["migrate", file, "--check"])).toMatchObject({
      code: 1,
      out: expect.stringContaining("2 nodes to update in 1 file."),
    });
    expect(readFileSync(join(folder, file), "utf8")).toBe(before);
    const { code, out } = await cli(["migrate", file]);
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      "older.flow.json: orders: amazon.ordersChanged 1 -> amazon.ordersChanged 2",
      '  /config/statuses: "UNSHIPPED,SHIPPED" -> ["UNSHIPPED","SHIPPED"]',
      "older.flow.json: later: delay 1 -> delay 2",
      "  /config/seconds: 5 -> (nothing)",
      "2 nodes updated in 1 file.",
    ]);
    const after = readFileSync(join(folder, file), "utf8");
    expect(await cli(["migrate", file])).toMatchObject({
      code: 0,
      out: "Every node has the settings of its type here, in 1 file.",
    });
    expect(readFileSync(join(folder, file), "utf8")).toBe(after);
    expect((await cli(["validate", file])).out).not.toContain("was made with version");
  });

  test("gives up a deprecated operation only where that is asked for", async () => {
    const file = write("deprecated.flow.json", older());
    await cli(["migrate", file]);
    expect((await cli(["validate", file])).out).toContain(
      "(amazon.ordersChangedV0) is deprecated. Use amazon.ordersChanged in its place",
    );
    const { code, out } = await cli(["migrate", file, "--deprecated"]);
    expect([code, out.split("\n")[0]]).toEqual([
      0,
      "deprecated.flow.json: old: amazon.ordersChangedV0 2 -> amazon.ordersChanged 2",
    ]);
    expect(nodesIn(file).find(({ id }) => id === "old")).toMatchObject({
      type: "amazon.ordersChanged",
      config: { fulfilledBy: "AMAZON" },
    });
    expect((await cli(["validate", file])).out).not.toContain("deprecated. Use");
  });

  test("takes flow files alone", async () => {
    const connector = await cli(["migrate", join(root, "nodes/connectors/shopify.connector.json")]);
    expect([connector.code, connector.err]).toEqual([1, expect.stringContaining("is no flow file")]);
    const broken = await cli(["migrate", write("no.flow.json", { kind: "flow" }), "--json"]);
    expect(json(broken.out)).toMatchObject({ ok: false, error: expect.stringContaining("is no sound flow file") });
  });
});

describe("test", () => {
  test("runs the samples of every flow", async () => {
    const { code, out } = await cli(["test", "--json"]);
    const { ok, results } = json(out) as { ok: boolean; results: { ok: boolean; expected: string }[] };
    expect([code, ok]).toEqual([0, true]);
    expect(results.length).toBeGreaterThanOrEqual(7);
    expect(new Set(results.map((result) => result.expected))).toEqual(new Set(["SUCCEEDED", "invalid"]));
  });

  /** A copy of the flow with the samples that `edit` makes of one of its own. */
  function flowWith(id: string, edit: (sample: Record<string, unknown>) => unknown): string {
    const sample = json(readFileSync(join(samples, "us-two-lines.sample.json"), "utf8"));
    edit(sample);
    mkdirSync(join(folder, "samples", id), { recursive: true });
    writeFileSync(join(folder, "samples", id, "us-two-lines.sample.json"), JSON.stringify(sample));
    return write(`${id}.flow.json`, { ...readFlow(), id });
  }

  test("says what came out otherwise than a sample expects", async () => {
    const file = flowWith("otherwise", (sample) =>
      Object.assign(sample, {
        expect: { outcome: "SUCCEEDED", ports: { canonical: { out: { currency: "EUR" } }, route: { ship: null } } },
      }),
    );
    const { code, out } = await cli(["test", file]);
    expect(code).toBe(1);
    expect(out).toContain('otherwise/us-two-lines: canonical.out: /currency is "USD", not "EUR".');
    expect(out).toContain("otherwise/us-two-lines: route.ship");
    expect(out).toMatch(/FAILED {2}otherwise {2}us-two-lines {2}SUCCEEDED {2}SUCCEEDED/);
    expect(out).toContain("1 of 1 sample failed.");
  });

  test("says at which node and why a sample ended otherwise", async () => {
    const file = flowWith("ended", (sample) => Object.assign(sample.input as object, { total_price: "1.00" }));
    const { code, out } = await cli(["test", file]);
    expect(code).toBe(1);
    expect(out).toMatch(/ended\/us-two-lines: Ended invalid, not SUCCEEDED\. Node "invariants" failed: .*1\.00/);
  });

  test("lets a sample say what a system answers", async () => {
    const answers = { erp: { status: 400, body: { "o:errorDetails": [{ detail: "The period is closed." }] } } };
    const file = flowWith("refused", (sample) =>
      Object.assign(sample, { answers, expect: { outcome: "rejected", node: "erp" } }),
    );
    const { code, out } = await cli(["test", file]);
    expect([code, out.split("\n").at(-1)]).toEqual([0, "1 sample passed."]);
  });

  test("names the fault of a sample file", async () => {
    const file = flowWith("faulty", (sample) => Object.assign(sample, { source: "order" }));
    const { code, out } = await cli(["test", file]);
    expect(code).toBe(1);
    expect(out).toContain('samples/faulty/us-two-lines.sample.json: error: The sample names the node "order"');
  });

  test("is not satisfied with a flow without samples", async () => {
    const { code, out } = await cli(["test", write("bare.flow.json", { ...readFlow(), id: "bare" })]);
    expect(code).toBe(1);
    expect(out).toContain("has no samples, so nothing was tested. Add one as samples/bare/NAME.sample.json.");
  });
});

describe("run", () => {
  const sample = (name: string) => join(samples, `${name}.sample.json`);

  test("prints the outcome and what every port carried", async () => {
    const { code, out } = await cli(["run", flowFile, "--message", sample("cancelled-big-id"), "--json"]);
    const result = json(out) as { nodes: Record<string, { status: string; outputs: Record<string, { externalId: string }[]> }> };
    expect(code).toBe(0);
    expect(result).toMatchObject({ ok: true, state: "SUCCEEDED", outcome: "SUCCEEDED", documentKey: "820982911946154508" });
    expect(result.nodes.canonical?.outputs.out?.[0]?.externalId).toBe("820982911946154508");
    expect(result.nodes.wms?.status).toBe("notReached");
    expect(Object.keys(result.nodes)).toHaveLength(6);
  });

  test("shows effects with key and answer, and inputs by where they came from", async () => {
    const { code, out } = await cli(["run", flowFile, "--message", sample("us-two-lines")]);
    expect(code).toBe(0);
    expect(out).toMatch(/^shopify-order-to-cash: SUCCEEDED, document 5901234567001\n/);
    expect(out).toContain("\n  in  in: as route.ship\n");
    expect(out).toMatch(
      /erp: PUT \S+ -> 204 {2}\[dev\/TSTDRV1000001\/netsuite\.upsertSalesOrder\/SHOPIFY_5901234567001\/upsert\]/,
    );
  });

  test("ends 1 with class, node and reason when the run does not succeed", async () => {
    const { code, out } = await cli(["run", flowFile, "--message", sample("total-does-not-add-up")]);
    expect(code).toBe(1);
    expect(out).toMatch(/^shopify-order-to-cash: DEAD \(invalid\)/);
    expect(out).toMatch(/Node "invariants" failed, invalid: .*\(at \/totals\/grand\)/);
    expect(out).toContain("erp (netsuite.upsertSalesOrder): not reached");
  });

  test("takes the message from the standard input, its headers and its source by option", async () => {
    const { input } = json(readFileSync(sample("us-two-lines"), "utf8"));
    const args = ["run", flowFile, "--message", "-", "--source", "orders", "--header", "X-Shopify-Event-Id=e-1", "--json"];
    const { code, out } = await cli(args, JSON.stringify(input));
    expect(code).toBe(0);
    expect(json(out)).toMatchObject({ dedupeKey: "e-1" });
  });

  const wrong: [string, string[], string][] = [
    ["a message that is no JSON", ["--message", "-"], "The standard input: The text is"],
    ["a message file that is not there", ["--message", "no.json"], "The file no.json does not exist."],
    ["a source that is none", ["--message", sample("us-two-lines"), "--source", "erp"], 'has no source "erp"'],
    ["a header without a name", ["--message", "-", "--header", "=1"], 'The header "=1" has no name'],
    ["no message", [], "--message"],
  ];
  test.each(wrong)("answers %s with a sentence", async (_name, args, says) => {
    const { code, out, err } = await cli(["run", flowFile, ...args]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(says);
    const asJson = await cli(["run", flowFile, ...args, "--json"]);
    expect([asJson.code, asJson.err]).toEqual([1, ""]);
    expect(json(asJson.out)).toMatchObject({ ok: false, error: expect.stringContaining(says) });
  });

  test("does not run a flow with errors", async () => {
    const flow = readFlow();
    flow.edges.pop();
    flow.nodes.push({ id: "x", type: "nope" });
    const { code, out } = await cli(["run", write("bad.flow.json", flow), "--message", sample("us-two-lines")]);
    expect(code).toBe(1);
    expect(out).toContain('bad.flow.json: error: Node "x" has the type "nope", which does not exist.');
  });
});

describe("connector check", () => {
  test("shows what a sound connector offers", async () => {
    const { code, out } = await cli(["connector", "check", join(root, "nodes/connectors/netsuite.connector.json")]);
    expect(code).toBe(0);
    expect(out).toMatch(/upsertSalesOrder +sink +http +natural/);
  });

  test("finds a bad mapping, a missing one and a wrong template", async () => {
    for (const name of ["netsuite.connector.json", "samples"]) {
      cpSync(join(root, "nodes/connectors", name), join(folder, name), { recursive: true });
    }
    writeFileSync(join(folder, "netsuite.salesOrder.jsonata"), "{ 'a': ");
    const bad = await cli(["connector", "check", "netsuite.connector.json"]);
    expect([bad.code, bad.out]).toEqual([1, expect.stringContaining('the mapping "netsuite.salesOrder.jsonata" cannot be read')]);
    rmSync(join(folder, "netsuite.salesOrder.jsonata"));
    const missing = await cli(["connector", "check", "netsuite.connector.json", "--json"]);
    expect(json(missing.out)).toMatchObject({ ok: false, problems: [{ code: "connector.noMapping" }] });
  });
});

describe("the command line", () => {
  test.each(["erp", "=north", "erp=", "="])("refuses a slot written as %s before it asks any server", async (slot) => {
    const args = ["promote", "orders", "--to", "prod", "--on", "1", "--url", "http://127.0.0.1:9"];
    expect(await cli([...args, "--slot", "wms=south", "--slot", slot])).toEqual({
      code: 1,
      out: "",
      err: `--slot "${slot}" binds nothing; write --slot erp=CONNECTION.`,
    });
  });

  test("lists its commands, and no others", async () => {
    const { code, out } = await cli(["--help"]);
    expect(code).toBe(0);
    const commands = [...out.matchAll(/^ {2}([a-z][a-z-]+)(?: \[options\])?/gm)].map(([, name]) => name);
    expect(commands).toEqual([
      "validate",
      "migrate",
      "test",
      "run",
      "connector",
      "replay",
      "audit",
      "keys",
      "promote",
      "dead-letters",
      "pull",
      "push",
      "export",
      "import",
      "drift",
      "tables",
      "subscriptions",
      "help",
    ]);
  });

  test.each([[["frobnicate"]], [["validate"]], [["validate", flowFile, "--frob"]], [["connector", "chekc", "x"]]])(
    "answers wrong usage %j with a sentence and 1",
    async (args) => {
      const { code, out, err } = await cli(args);
      expect([code, out]).toEqual([1, ""]);
      expect(err).toMatch(/^[A-Z].*[.?] Use --help to see the commands and their options\.$/);
      const asJson = await cli([...args, "--json"]);
      expect([asJson.code, asJson.err]).toEqual([1, ""]);
      expect(json(asJson.out)).toMatchObject({ ok: false, error: expect.stringMatching(/^[A-Z].*\.$/) });
      expect(err).not.toMatch(/\bat .*:\d+/);
    },
  );

  test("tells its version", async () => {
    const { version } = json(readFileSync(join(root, "package.json"), "utf8"));
    expect(await cli(["--version"])).toEqual({ code: 0, out: version, err: "" });
  });

  test("runs as a process, with the exit code and nothing but JSON on the output", async () => {
    const run = (args: string[]) =>
      promisify(execFile)(process.execPath, ["--import", "tsx", join(root, "runtime/cli/main.ts"), ...args], {
        cwd: root,
        env: { ...process.env, INIT_CWD: folder },
      });
    const { stdout } = await run(["validate", flowFile, "--json"]);
    expect(json(stdout)).toMatchObject({ ok: true });
    await expect(run(["validate", "nowhere.flow.json"])).rejects.toMatchObject({ code: 1, stderr: "" });
  });
});
