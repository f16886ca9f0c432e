import { describe, expect, test } from "vitest";
import type { RawResponse } from "#nodes/plan.ts";
import { sampleClock, sampleFlow, samplePlan } from "#nodes/sample.fixture.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { type DryRunParts, dryRun, type SubFlowCall } from "./dryRun.ts";

const ok: RawResponse = { status: 200, headers: {}, body: '{"id":"so-1"}' };

/** A flow behind the source `orders`. Edges as `from.port to.port`; `out` and `in` may be left out. */
const flowOf = (nodes: FlowNode[], ...edges: string[]): Flow => ({
  ...sampleFlow,
  nodes: [{ id: "orders", type: "stall.orderCreated", slot: "shop" }, ...nodes],
  edges: edges.map((text, index) => {
    const [from = "", to = ""] = text.split(" ");
    const [source = "", out = "out"] = from.split(".");
    const [target = "", into = "in"] = to.split(".");
    return { id: `e${String(index).padStart(2, "0")}`, from: { node: source, port: out }, to: { node: target, port: into } };
  }),
});

const map = (id: string, expression = "$", more: Partial<FlowNode> = {}): FlowNode => ({
  id,
  type: "map",
  config: { expression },
  ...more,
});
const split: FlowNode = { id: "lines", type: "split", config: { items: "lines" } };
const join: FlowNode = { id: "all", type: "join", config: { split: "lines" } };

const run = (flow: Flow, item: unknown, parts: Partial<DryRunParts> = {}) =>
  dryRun(samplePlan(flow), item, sampleClock, { perform: async () => ok, ...parts });

const lines = { lines: [{ sku: "c" }, { sku: "a" }, { sku: "b" }] };

describe("split and join", () => {
  const edges = ["orders lines", "lines.item line", "line all", "all done"];

  test("gather all items in the split's order, though they come on ways of other lengths", async () => {
    const route: FlowNode = { id: "route", type: "switch", config: { cases: [{ port: "far", when: "sku = 'c'" }] } };
    const detour: FlowNode = { id: "detour", type: "delay", version: 2, config: { seconds: 60 } };
    const flow = flowOf(
      [split, route, detour, join, map("done")],
      "orders lines",
      "lines.item route",
      "route.far detour",
      "detour all",
      "route.otherwise all",
      "all done",
    );
    const { state, waiting, nodes, tasks } = await run(flow, lines);
    expect([state, waiting]).toEqual(["SUCCEEDED", false]);
    expect(nodes.done?.inputs.in).toEqual([lines.lines]);
    expect(nodes.lines?.outputs.item).toEqual(lines.lines);
    const paths = new Set(tasks.map(({ itemPath }) => itemPath));
    expect([...paths]).toEqual(["", "/lines:0000000", "/lines:0000001", "/lines:0000002"]);
  });

  test("leave out what a switch lets go, and what is failing is missing", async () => {
    const line = map("line", "sku = 'a' ? $error('no') : $");
    const flow = flowOf([split, line, join, map("done"), map("rest")], ...edges, "all.incomplete rest");
    const { state, failures, nodes } = await run(flow, lines);
    expect(state).toBe("PARTIAL");
    expect(failures).toMatchObject([{ node: "line", itemPath: "/lines:0000001", class: "invalid" }]);
    expect(nodes.done?.status).toBe("notReached");
    const items = [{ sku: "c" }, { sku: "b" }];
    expect(nodes.rest?.inputs.in).toEqual([{ items, expected: 3, arrived: 2, timedOut: false }]);
  });

  test("fail at the join where nothing follows what is missing", async () => {
    const flow = flowOf([split, map("line", "sku = 'a' ? $error('no') : $"), join, map("done")], ...edges);
    const { failures } = await run(flow, lines);
    expect(failures.map(({ node, itemPath, reason }) => [node, itemPath, reason.code])).toEqual([
      ["line", "/lines:0000001", "expression.refused"],
      ["all", "", "join.incomplete"],
    ]);
  });

  test("give an empty list for an empty list", async () => {
    const { state, nodes } = await run(flowOf([split, map("line"), join, map("done", "[$]")], ...edges), { lines: [] });
    expect([state, nodes.done?.inputs.in, nodes.line?.status]).toEqual(["SUCCEEDED", [[]], "notReached"]);
  });

  test("nest: an inner join gathers for each outer item", async () => {
    const inner: FlowNode = { id: "parts", type: "split", config: { items: "parts" } };
    const one: FlowNode = { id: "one", type: "join", config: { split: "parts" } };
    const flow = flowOf(
      [split, inner, one, join, map("done")],
      "orders lines",
      "lines.item parts",
      "parts.item one",
      "one all",
      "all done",
    );
    const { nodes } = await run(flow, { lines: [{ parts: [1, 2] }, { parts: [] }, { parts: [3] }] });
    expect(nodes.done?.inputs.in).toEqual([[[1, 2], [], [3]]]);
  });

  test("take twenty thousand items", async () => {
    const flow = flowOf(
      [{ ...split, config: { items: "[1..20000]" } }, join, map("done", "$count($)")],
      "orders lines",
      "lines.item all",
      "all done",
    );
    const { nodes } = await run(flow, {});
    expect(nodes.done?.outputs.out).toEqual([20_000]);
  }, 60_000);
});

describe("a wait", () => {
  const wait: FlowNode = { id: "held", type: "wait", config: { key: "id", messageKey: "rma" } };
  const flow = flowOf([wait, map("late"), map("met")], "orders held", "late held.message", "held met");

  test("waits at the end when no message is given", async () => {
    const { state, waiting, failures, nodes } = await run(flow, { id: 7 });
    expect([state, waiting, failures]).toEqual(["SUCCEEDED", true, []]);
    expect([nodes.held?.status, nodes.met?.status]).toEqual(["waiting", "notReached"]);
  });

  test("goes on with the message given for it", async () => {
    const { nodes, waiting } = await run(flow, { id: 7 }, { messages: { held: { rma: "7" } } });
    expect([waiting, nodes.met?.inputs.in]).toEqual([false, [{ item: { id: 7 }, message: { rma: "7" } }]]);
    expect(nodes.held?.inputs.message).toEqual([{ rma: "7" }]);
  });

  test("does not meet a message of another key, and fails on one without", async () => {
    expect((await run(flow, { id: 7 }, { messages: { held: { rma: "8" } } })).nodes.held?.status).toBe("waiting");
    const { failures } = await run(flow, { id: 7 }, { messages: { held: {} } });
    expect(failures).toMatchObject([
      { node: "held", class: "invalid", reason: { code: "control.key", path: "/config/messageKey" } },
    ]);
  });

  test("meets a message of the same run, whichever comes first", async () => {
    const both = flowOf([wait, map("met")], "orders held", "orders held.message", "held met");
    const { nodes, waiting } = await run(both, { id: 7, rma: 7 });
    expect([waiting, nodes.met?.inputs.in]).toEqual([false, [{ item: { id: 7, rma: 7 }, message: { id: 7, rma: 7 } }]]);
  });

  test("inside a split keeps the join waiting too", async () => {
    const inside = flowOf(
      [split, { ...wait, config: { key: "sku", messageKey: "sku" } }, map("late"), join, map("done")],
      "orders lines",
      "lines.item held",
      "late held.message",
      "held all",
      "all done",
    );
    const { waiting, nodes } = await run(inside, lines);
    expect([waiting, nodes.all?.status, nodes.held?.status]).toEqual([true, "waiting", "waiting"]);
  });
});

describe("a sub-flow", () => {
  const flow = flowOf(
    [{ id: "check", type: "sub-flow", config: { flow: "check-address" } }, map("done")],
    "orders check",
    "check done",
  );
  const ended = { state: "SUCCEEDED" as const, waiting: false, response: null, failures: [] };

  test("waits when nobody has the flow", async () => {
    const { state, nodes } = await run(flow, { city: "Bergen" });
    expect([state, nodes.check?.status, nodes.done?.status]).toEqual(["SUCCEEDED", "waiting", "notReached"]);
  });

  test("goes on with the answer of the flow that is looked up", async () => {
    const calls: SubFlowCall[] = [];
    const { nodes } = await run(
      flow,
      { city: "Bergen" },
      {
        subFlow: async (call) => {
          calls.push(call);
          return { ...ended, response: { status: 200, body: { valid: true } } };
        },
      },
    );
    expect(calls).toEqual([{ node: "check", flow: "check-address", item: { city: "Bergen" } }]);
    expect(nodes.done?.inputs.in).toEqual([{ valid: true }]);
  });

  test("goes on with its own item when that responds nothing, and fails as it fails", async () => {
    expect((await run(flow, { city: "Bergen" }, { subFlow: async () => ended })).nodes.done?.inputs.in).toEqual([
      { city: "Bergen" },
    ]);
    const failure = { node: "geo", itemPath: "", class: "transient" as const, reason: { code: "http", message: "503" } };
    const dead = await run(flow, {}, { subFlow: async () => ({ ...ended, state: "DEAD", failures: [failure] }) });
    expect(dead.failures).toMatchObject([{ node: "check", class: "transient", reason: { code: "subFlow.failed" } }]);
    const broken = await run(flow, {}, { subFlow: () => Promise.reject(new Error("no such file")) });
    expect(broken.failures).toMatchObject([{ node: "check", class: "bug", reason: { message: "no such file" } }]);
  });
});

test("a batch goes on as a list of one, an item that alone is the latest goes on, and the first answer stands", async () => {
  const nodes: FlowNode[] = [
    { id: "stock", type: "coalesce", config: { key: "sku" } },
    { id: "many", type: "batch", config: {} },
    { id: "answer", type: "respond", config: { status: 202, body: "{ 'got': $ }" } },
    { id: "again", type: "respond", config: {} },
  ];
  const flow = flowOf(nodes, "orders answer", "orders again", "orders stock", "stock many", "many again");
  const { response, nodes: seen, state } = await run(flow, { sku: "a" });
  expect(seen.many?.outputs.out).toEqual([[{ sku: "a" }]]);
  expect([state, response]).toEqual(["SUCCEEDED", { status: 202, body: { got: { sku: "a" } } }]);
});

describe("what fails for good", () => {
  const post: FlowNode = { id: "erp", type: "book.post", slot: "erp", config: { series: "A" } };
  const refused = { perform: async () => ({ status: 400, headers: {}, body: '{"text":"closed"}' }) };
  const item = { number: "7", amounts: [] };
  const carried = { item, error: { node: "erp", class: "rejected", code: expect.any(String), message: "closed (400)" } };

  test("goes on through the node's own error way, and the run can end well", async () => {
    const flow = flowOf([{ ...post, onError: "route" }, map("mend")], "orders erp", "erp.error mend");
    const { state, failures, routed, nodes } = await run(flow, item, refused);
    expect([state, failures]).toEqual(["SUCCEEDED", []]);
    expect(routed).toMatchObject([{ node: "erp", class: "rejected" }]);
    expect(nodes.mend?.inputs.in).toEqual([carried]);
    expect(nodes.erp).toMatchObject({ status: "failed", outputs: { error: [carried] } });
  });

  test("goes on through the flow's exception route, and what fails there is a dead letter", async () => {
    const caught: FlowNode = { id: "caught", type: "exception-route", config: {} };
    const flow = flowOf([post, caught, map("mend", "$error('worse')")], "orders erp", "caught mend");
    const { state, failures, routed } = await run(flow, item, refused);
    expect([state, routed.length]).toEqual(["DEAD", 1]);
    expect(failures).toMatchObject([{ node: "mend", class: "invalid" }]);
  });

  test("in a split, the item of an error way can still arrive", async () => {
    const line = map("line", "sku = 'a' ? $error('no') : $", { onError: "route" });
    const flow = flowOf(
      [split, line, join, map("done", "$count($)")],
      "orders lines",
      "lines.item line",
      "line all",
      "line.error all",
      "all done",
    );
    const { state, nodes } = await run(flow, lines);
    expect([state, nodes.done?.outputs.out]).toEqual(["SUCCEEDED", [3]]);
  });
});
