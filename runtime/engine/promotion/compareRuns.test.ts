import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePlan } from "#nodes/compilePlan.ts";
import { type DryRunParts, dryRun } from "#nodes/dryRun/dryRun.ts";
import { makeLock } from "#nodes/lock.ts";
import type { RawResponse } from "#nodes/plan.ts";
import { sampleBindings, sampleCatalog, sampleClock, sampleFlow } from "#nodes/sample.fixture.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { beyond, compareRuns, generalField, type VersionRun } from "./compareRuns.ts";

const order = { id: 7, amounts: ["1.10", "2.20"], paid: true };
const ok: RawResponse = { status: 200, headers: {}, body: '{"id":"so-1"}' };
const answers: DryRunParts = { perform: async () => ok };
const nobody: DryRunParts = { perform: async () => ({ recalled: "unknown" }) };

async function ran(
  flow: Flow,
  parts: DryRunParts = answers,
  item: unknown = order,
  catalog = sampleCatalog,
): Promise<VersionRun> {
  const plan = compilePlan({ environment: "dev", flow, lock: makeLock(flow, catalog), bindings: sampleBindings });
  return { flow, run: await dryRun(plan, item, sampleClock, parts) };
}

const changed = (id: string, change: (node: FlowNode) => FlowNode): Flow => ({
  ...sampleFlow,
  nodes: sampleFlow.nodes.map((node) => (node.id === id ? change(node) : node)),
});

const places = (a: VersionRun, b: VersionRun) => compareRuns(a, b).map(({ kind, node, field }) => [kind, node, field]);

describe("two versions on one message", () => {
  test("a version does not differ from itself, whatever the message", async () => {
    const item = fc.record({
      id: fc.integer({ min: 1, max: 99 }),
      amounts: fc.array(fc.constantFrom("1.10", "2.00")),
      paid: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(item, fc.constantFrom(answers, nobody), async (message, parts) => {
        expect(compareRuns(await ran(sampleFlow, parts, message), await ran(sampleFlow, parts, message))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test("a mapping that makes something else is told at the node, and in the request that follows of it", async () => {
    const expression = "{ 'number': $string(id) & '-X', 'amounts': amounts, 'paid': paid }";
    const after = await ran(changed("shape", (node) => ({ ...node, config: { expression } })));
    const before = await ran(sampleFlow);
    expect(places(before, after)).toEqual([
      ["effectKey", "erp", ""],
      ["request", "erp", "/path"],
      ["request", "erp", "/headers/x-effect"],
      ["request", "erp", "/body/number"],
      ["data", "shape", "/out/number"],
    ]);
    const body = compareRuns(before, after).find(({ field }) => field === "/body/number");
    expect([body?.before, body?.after]).toEqual(["7", "7-X"]);
    expect(body?.whole).toMatchObject({ before: { method: "PUT" }, after: { body: { number: "7-X" } } });
  });

  test("another way out of a switch is told with the effects that are asked for and no longer asked for", async () => {
    const cases = [{ port: "paid", when: "paid = false" }];
    const after = await ran(changed("route", (node) => ({ ...node, config: { cases } })));
    expect(places(await ran(sampleFlow), after)).toEqual([
      ["effect", "erp", ""],
      ["effect", "read", ""],
      ["route", "route", ""],
    ]);
  });

  test("a connector's body that differs is told at the field, although the flow is the same", async () => {
    const mappings = { "book/post.jsonata": "{ 'number': number, 'total': '0.00', 'from': $source.account, 'run': $run.id }" };
    const after = await ran(sampleFlow, answers, order, { ...sampleCatalog, mappings });
    expect(places(await ran(sampleFlow), after)).toEqual([["request", "erp", "/body/total"]]);
  });

  test("a failure where none was is an outcome", async () => {
    const after = await ran(changed("shape", (node) => ({ ...node, config: { expression: "$error('no')" } })));
    const [first] = compareRuns(await ran(sampleFlow), after);
    expect(first).toMatchObject({
      kind: "outcome",
      node: "shape",
      before: { state: "SUCCEEDED" },
      after: { state: "DEAD invalid" },
    });
  });

  describe("what is handed on", () => {
    const edge = (id: string, from: string, port: string, to: string) => ({
      id,
      from: { node: from, port },
      to: { node: to, port: "in" },
    });
    const split: FlowNode = { id: "lines", type: "split", config: { items: "amounts" } };
    const rates: FlowNode = { id: "asked", type: "sub-flow", config: { flow: "rates" } };
    /** Each amount goes to another flow; the edge to it may be left out, or what stands there be another node. */
    const handing = (last: FlowNode | null = rates, first: FlowNode = split, wired = true): Flow => ({
      ...sampleFlow,
      nodes: [...sampleFlow.nodes.filter(({ id }) => id === "orders"), first, ...(last ? [last] : [])],
      edges: [edge("h1", "orders", "out", "lines"), ...(last && wired ? [edge("h2", "lines", "item", last.id)] : [])],
    });
    const called: DryRunParts = {
      ...answers,
      subFlow: async () => ({ state: "SUCCEEDED", waiting: false, response: null, failures: [] }),
    };
    const differ = async (flow: Flow, before = handing()) => places(await ran(before, called), await ran(flow, called));

    test("is told when the edge to another flow is gone, the node, or all that would come to it", async () => {
      expect(await differ(handing())).toEqual([]);
      const gone = ["effect", "asked", ""];
      // A split that leads nowhere, or that finds nothing, gives nothing.
      const all = [gone, gone, ["route", "lines", ""]];
      expect(await differ(handing(rates, split, false))).toEqual(all);
      expect(await differ(handing(null))).toEqual(all);
      expect(await differ(handing(), handing(null))).toEqual(all);
      expect(await differ(handing(rates, { ...split, config: { items: "[]" } }))).toEqual(all);
      const [told] = compareRuns(await ran(handing(), called), await ran(handing(null), called));
      expect(told).toMatchObject({ before: { act: "subFlow", flow: "rates", item: "1.10" }, after: null });
    });

    test("is told when another flow is called, or a batch, a wait or a delay asks for something else", async () => {
      const other = (node: FlowNode, config: FlowNode["config"] & object) => differ(handing({ ...node, config }), handing(node));
      const twice = (field: string) => [
        ["request", "asked", field],
        ["request", "asked", field],
      ];
      expect(await other(rates, { flow: "rates-other" })).toEqual(twice("/flow"));
      const batch: FlowNode = { id: "asked", type: "batch", config: { count: 10, seconds: 60, key: "'a'" } };
      expect(await other(batch, { count: 10, seconds: 60, key: "'b'" })).toEqual(twice("/key"));
      const delay: FlowNode = { id: "asked", type: "delay", version: 2, config: { seconds: 60 } };
      expect(await other(delay, { seconds: 90 })).toEqual(twice("/waitMs"));
      const wait: FlowNode = { id: "asked", type: "wait", config: { key: "$", messageKey: "$", seconds: 60 } };
      expect(await other(wait, { key: "$ & '-X'", messageKey: "$", seconds: 60 })).toContainEqual(["request", "asked", "/key"]);
    });

    test("is left alone behind a request without an answer", async () => {
      const behind = (config: FlowNode["config"] & object): Flow => ({
        ...sampleFlow,
        nodes: [...sampleFlow.nodes, { ...rates, config }],
        edges: [...sampleFlow.edges, edge("h", "erp", "out", "asked")],
      });
      const [known, unknown] = [await ran(behind({ flow: "rates" }), called), await ran(behind({ flow: "rates" }), nobody)];
      expect(known.run.handed).toHaveLength(1);
      expect(places(known, unknown)).toEqual([]);
    });
  });

  test("what lies behind a request without an answer is not guessed", async () => {
    const known = await ran(sampleFlow);
    const unknown = await ran(sampleFlow, nobody);
    expect(unknown.run.unknown).toEqual(["erp"]);
    expect([...beyond(unknown)]).toEqual(["after"]);
    expect(places(known, unknown)).toEqual([]);
    expect(known.run.nodes.after?.status).toBe("done");
    expect(unknown.run.nodes.after?.status).toBe("notReached");
  });
});

test("a field of a list is one field", () => {
  expect(generalField("/lines/12/tax/0")).toBe("/lines/*/tax/*");
  expect(generalField("")).toBe("");
});
