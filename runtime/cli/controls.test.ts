import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { FlowSample } from "#schemas/sample.ts";
import { runCli } from "./program.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "orderloom-controls-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function cli(...args: string[]) {
  const out: string[] = [];
  const say = (text: string) => out.push(text);
  const code = await runCli(args, { out: say, err: say, cwd: folder, root: fromRoot(), readStdin: async () => "" });
  return { code, out: out.join("\n") };
}

const json = (text: string): Record<string, unknown> => JSON.parse(text);

/** Writes a flow that other flows call. Edges as `from.port to.port`; `out` and `in` may be left out. */
function writeFlow(id: string, nodes: FlowNode[], ...edges: string[]): string {
  const flow = {
    kind: "flow",
    formatVersion: 1,
    id,
    name: id,
    slots: [],
    nodes: [{ id: "called", type: "sub-flow-input" }, ...nodes],
    edges: edges.map((text, index) => {
      const [from = "", to = ""] = text.split(" ");
      const [source = "", out = "out"] = from.split(".");
      const [target = "", into = "in"] = to.split(".");
      return { id: `e${index}`, from: { node: source, port: out }, to: { node: target, port: into } };
    }),
  };
  writeFileSync(join(folder, `${id}.flow.json`), JSON.stringify(flow));
  return `${id}.flow.json`;
}

function writeSample(flow: string, name: string, sample: Pick<FlowSample, "input" | "expect"> & Partial<FlowSample>): string {
  mkdirSync(join(folder, "samples", flow), { recursive: true });
  const file = join("samples", flow, `${name}.sample.json`);
  writeFileSync(join(folder, file), JSON.stringify({ name, title: name, source: "called", headers: {}, ...sample }));
  return file;
}

const map = (id: string, expression: string): FlowNode => ({ id, type: "map", config: { expression } });

beforeEach(() => {
  const nodes: FlowNode[] = [
    { id: "each", type: "split", config: { items: "lines" } },
    { id: "price", type: "sub-flow", config: { flow: "price" } },
    { id: "all", type: "join", config: { split: "each" } },
    { id: "receipt", type: "wait", config: { key: "$string($count($))", messageKey: "lines" } },
    { id: "sort", type: "switch", config: { cases: [{ port: "order", when: "$exists(sku) or $type(lines) = 'array'" }] } },
    { id: "answer", type: "respond", config: { status: 201, body: "{ 'total': $addall(item.price), 'by': message.by }" } },
  ];
  writeFlow(
    "order",
    nodes,
    "called sort",
    "sort.order each",
    "each.item price",
    "price all",
    "all receipt",
    "sort.otherwise receipt.message",
    "receipt answer",
  );
});

const input = {
  lines: [
    { sku: "a", quantity: 2 },
    { sku: "b", quantity: 1 },
  ],
  by: "nobody",
};
const priced = () =>
  writeFlow(
    "price",
    [map("sum", "{ 'price': $mul('1.10', quantity) }"), { id: "tell", type: "respond", config: {} }],
    "called sum",
    "sum tell",
  );

test("runs the flows beside it that a flow calls, and gives what it responds", async () => {
  priced();
  const sample = writeSample("order", "two", {
    input,
    messages: { receipt: { lines: 2, by: "ada" } },
    expect: { outcome: "SUCCEEDED" },
  });
  const { code, out } = await cli("run", "order.flow.json", "--message", sample, "--json");
  expect(code).toBe(0);
  expect(json(out)).toMatchObject({ state: "SUCCEEDED", response: { status: 201, body: { total: "3.30", by: "ada" } } });
  const text = (await cli("run", "order.flow.json", "--message", sample)).out;
  expect(text).toContain('\nResponds 201: {"total":"3.30","by":"ada"}\n');
});

test("takes a sample's answer for a sub-flow before any file", async () => {
  priced();
  const file = writeSample("order", "two", {
    input,
    answers: { price: { status: 200, body: { price: "5" } } },
    messages: { receipt: { lines: "2" } },
    expect: { outcome: "SUCCEEDED", ports: { answer: { in: { item: [{ price: "5" }, { price: "5" }] } } } },
  });
  expect(await cli("test", "order.flow.json")).toMatchObject({ code: 0 });
  writeSample("order", "two", { input, answers: { price: { status: 503 } }, expect: { outcome: "rejected", node: "price" } });
  expect(await cli("test", "order.flow.json")).toMatchObject({ code: 0 });
  const { out } = await cli("run", "order.flow.json", "--message", file);
  expect(out).toContain('Node "price" failed for the item /each:0000001, rejected: The flow that was called ended DEAD');
});

test("waits where nobody answers, and says so", async () => {
  rmSync(join(folder, "price.flow.json"), { force: true });
  const sample = writeSample("order", "two", { input, expect: { outcome: "SUCCEEDED" } });
  const { code, out } = await cli("run", "order.flow.json", "--message", sample);
  expect(code).toBe(0);
  expect(out).toMatch(/^order: SUCCEEDED, and something of it waits\n/);
  expect(out).toContain("price (sub-flow): waiting");
  expect(out).toContain("all (join): waiting");
});

test("says what is wrong with a flow that is called", async () => {
  writeFlow("price", [map("sum", "(")], "called sum");
  const sample = writeSample("order", "two", { input, expect: { outcome: "SUCCEEDED" } });
  const broken = await cli("run", "order.flow.json", "--message", sample);
  expect(broken).toMatchObject({
    code: 1,
    out: expect.stringContaining('The flow "price" has errors; run: orderloom validate price.flow.json'),
  });
});

test("ends a circle through two flows, of which neither calls itself", async () => {
  const calling = (flow: string): FlowNode => ({ id: "call", type: "sub-flow", config: { flow } });
  const file = writeFlow("ring", [calling("gnir")], "called call");
  writeFlow("gnir", [calling("ring")], "called call");
  const { out } = await cli(
    "run",
    file,
    "--message",
    writeSample("ring", "one", { input: {}, expect: { outcome: "bug" } }),
    "--json",
  );
  expect(json(out)).toMatchObject({
    ok: false,
    outcome: "bug",
    failures: [{ node: "call", reason: { code: "subFlow.failed" } }],
  });
});

test("names a failure that went on by an error way, and ends well", async () => {
  const file = writeFlow(
    "mended",
    [{ ...map("check", "$error('closed')"), onError: "route" }, map("mend", "error.class")],
    "called check",
    "check.error mend",
  );
  const { code, out } = await cli(
    "run",
    file,
    "--message",
    writeSample("mended", "one", { input: {}, expect: { outcome: "SUCCEEDED" } }),
  );
  expect(code).toBe(0);
  expect(out).toMatch(/^mended: SUCCEEDED\nNode "check" failed, invalid: .*closed.* It went on by an error way\.\n/);
  expect(out).toContain('out out: "invalid"');
});
