import { describe, expect, test } from "vitest";
import type { Flow, FlowNode } from "../flow.ts";
import { controlManifests, manifests } from "../sampleFlow.fixture.ts";
import { type FlowContext, validateFlow } from "./flow.ts";

const context: FlowContext = {
  manifests: { ...manifests, ...controlManifests },
  connectors: { shop: { operations: { orderCreated: { transport: "webhook" } } }, erp: {} },
  checkExpression: (text) => (text === "bad" ? { ok: false, message: "Expected (.", position: 3 } : { ok: true }),
};

const node = (id: string, type: string, config: Record<string, unknown> = {}, more: Partial<FlowNode> = {}): FlowNode => ({
  id,
  type,
  config,
  ...more,
});
const map = (id: string, more: Partial<FlowNode> = {}): FlowNode => node(id, "map", { expression: "$" }, more);
const split = (id: string): FlowNode => node(id, "split", { items: "$" });
const join = (id: string, of: string, more: Partial<FlowNode> = {}): FlowNode => node(id, "join", { split: of }, more);

/** A flow behind the source `orders`. Edges as `from.port to.port`; `out` and `in` may be left out. */
const flowOf = (nodes: FlowNode[], ...edges: string[]): Flow => ({
  kind: "flow",
  formatVersion: 1,
  id: "controls",
  name: "Controls",
  slots: [{ name: "shop", connector: "shop" }],
  nodes: [{ id: "orders", type: "shop.orderCreated", slot: "shop" }, ...nodes],
  edges: edges.map((text, index) => {
    const [from = "", to = ""] = text.split(" ");
    const [source = "", out = "out"] = from.split(".");
    const [target = "", into = "in"] = to.split(".");
    return { id: `e${index}`, from: { node: source, port: out }, to: { node: target, port: into } };
  }),
});

const lined = ["orders lines", "lines.item line", "line all"];
const basic = (...nodes: FlowNode[]) => [split("lines"), map("line"), join("all", "lines"), ...nodes];
const inner = [split("lines"), split("parts"), join("each", "parts"), join("all", "lines")];
const wait = node("held", "wait", { key: "id" });

const sound: [string, Flow][] = [
  ["a split and its join", flowOf(basic(), ...lined)],
  ["a split without a join", flowOf([split("lines"), map("line")], "orders lines", "lines.item line")],
  ["a split in a split", flowOf(inner, "orders lines", "lines.item parts", "parts.item each", "each all")],
  ["a split behind a join", flowOf(inner, "orders lines", "lines.item all", "all parts", "parts.item each")],
  [
    "a split in a split without a join",
    flowOf([split("lines"), split("parts"), join("all", "lines")], "orders lines", "lines.item parts", "parts.item all"),
  ],
  [
    "an error way into the join",
    flowOf([split("lines"), map("line", { onError: "route" }), join("all", "lines")], ...lined, "line.error all"),
  ],
  [
    "a wait between split and join, whose message comes from elsewhere",
    flowOf(
      [split("lines"), wait, map("late"), join("all", "lines")],
      "orders lines",
      "lines.item held",
      "orders late",
      "late held.message",
      "held all",
    ),
  ],
  ["a batch behind the join", flowOf(basic(node("many", "batch"), map("done")), ...lined, "all many", "many done")],
  [
    "split and join both disabled",
    flowOf([{ ...split("lines"), disabled: true }, join("all", "lines", { disabled: true })], "orders lines", "lines.item all"),
  ],
  [
    "an answer to a calling flow",
    flowOf([node("called", "sub-flow-input"), node("answer", "respond")], "called answer", "orders answer"),
  ],
  [
    "exception routes for an outcome and for all others",
    flowOf(
      [map("a"), node("refused", "exception-route", { classes: ["rejected"] }), node("rest", "exception-route")],
      "orders a",
      "refused a",
      "rest a",
    ),
  ],
];

test.each(sound)("nothing is wrong with %s", (_name, flow) => expect(validateFlow(flow, context)).toEqual([]));

type Case = [name: string, flow: Flow, code: string, pointer: string, says: string[]];

const cases: Case[] = [
  [
    "a join of a split that does not exist",
    flowOf([...basic().slice(0, 2), join("all", "line5")], ...lined),
    "join.unknownSplit",
    "/nodes/3/config/split",
    ['"line5"', "does not exist", 'Did you mean "lines"?'],
  ],
  [
    "a join of a node that is no split",
    flowOf([...basic().slice(0, 2), join("all", "line")], ...lined),
    "join.unknownSplit",
    "/nodes/3/config/split",
    ["is no split"],
  ],
  [
    "a join of a disabled split",
    flowOf([{ ...split("lines"), disabled: true }, map("line"), join("all", "lines")], ...lined),
    "join.splitDisabled",
    "/nodes/3/config/split",
    ["disabled"],
  ],
  [
    "two joins of one split",
    flowOf(basic(join("more", "lines")), ...lined, "line more"),
    "join.second",
    "/nodes/4/config/split",
    ['"all"', '"more"', '"lines"'],
  ],
  [
    "a join that its split does not reach",
    flowOf(basic(map("side")), "orders lines", "lines.item line", "orders side", "side all"),
    "join.notReached",
    "/nodes/3",
    ['"lines"', '"all"'],
  ],
  [
    "a way around the split",
    flowOf(basic(), ...lined, "orders all"),
    "join.around",
    "/nodes/3",
    ['"orders"', '"all"', '"lines"'],
  ],
  [
    "the split's own error way into its join",
    flowOf([{ ...split("lines"), onError: "route" }, map("line"), join("all", "lines")], ...lined, "lines.error all"),
    "join.around",
    "/nodes/3",
    ['"orders"'],
  ],
  [
    "a batch before the join",
    flowOf([split("lines"), node("many", "batch"), join("all", "lines")], "orders lines", "lines.item many", "many all"),
    "join.around",
    "/nodes/3",
    ['"many"', "behind the join"],
  ],
  [
    "an exception route into the join",
    flowOf(basic(node("caught", "exception-route")), ...lined, "caught all"),
    "join.around",
    "/nodes/3",
    ['"caught"', "onError"],
  ],
  [
    "a message that leaves a wait into the join",
    flowOf(
      [split("lines"), wait, map("late"), join("all", "lines")],
      "orders lines",
      "lines.item held",
      "orders late",
      "late held.message",
      "held all",
      "held.unmatched all",
    ),
    "join.around",
    "/nodes/4",
    ['"orders"'],
  ],
  [
    "an inner split that passes its join",
    flowOf(inner, "orders lines", "lines.item parts", "parts.item each", "each all", "parts.item all"),
    "join.crossed",
    "/nodes/4",
    ['"parts"', '"all"', '"each"'],
  ],
  ["a wait without its message", flowOf([wait], "orders held"), "node.openInput", "/nodes/1", ['"message"', '"held"']],
  [
    "a delay without a time",
    flowOf([node("later", "delay")], "orders later"),
    "config.oneOf",
    "/nodes/1/config",
    ['has neither "seconds" nor "until"', 'Add "seconds" or "until"'],
  ],
  [
    "a delay with two times",
    flowOf([node("later", "delay", { seconds: 1, until: "$now()" })], "orders later"),
    "config.oneOf",
    "/nodes/1/config",
    ['has "seconds" and "until", of which only one may stand', 'Take "seconds" or "until" away'],
  ],
  [
    "a flow that calls itself",
    flowOf([node("again", "sub-flow", { flow: "controls" })], "orders again"),
    "flow.callsItself",
    "/nodes/1/config/flow",
    ['"again"', '"controls"'],
  ],
  [
    "two sub-flow inputs",
    flowOf([node("one", "sub-flow-input"), node("two", "sub-flow-input")]),
    "flow.secondInput",
    "/nodes/2",
    ['"one"', '"two"'],
  ],
  [
    "an answer that nobody asked for",
    flowOf([node("answer", "respond")], "orders answer"),
    "respond.nobodyCalls",
    "/nodes/1",
    ['"answer"', "sub-flow input"],
  ],
  [
    "an error way that leads nowhere",
    flowOf([map("a", { onError: "route" })], "orders a"),
    "error.openWay",
    "/nodes/1",
    ['"error"', '"a"', "dead letter"],
  ],
  [
    "an exception route that leads nowhere",
    flowOf([node("caught", "exception-route")]),
    "error.openWay",
    "/nodes/1",
    ['"out"', '"caught"'],
  ],
  [
    "an error way of a source",
    flowOf([node("called", "sub-flow-input", {}, { onError: "route" })]),
    "error.noWay",
    "/nodes/1/onError",
    ['"called"'],
  ],
  [
    "two exception routes of one outcome",
    flowOf(
      [
        map("a"),
        node("one", "exception-route", { classes: ["rejected", "timeout"] }),
        node("two", "exception-route", { classes: ["timeout"] }),
      ],
      "orders a",
      "one a",
      "two a",
    ),
    "error.twoRoutes",
    "/nodes/3/config/classes",
    ['"one"', '"two"', '"timeout"'],
  ],
  [
    "two exception routes of every outcome",
    flowOf([map("a"), node("one", "exception-route"), node("two", "exception-route")], "orders a", "one a", "two a"),
    "error.twoRoutes",
    "/nodes/3",
    ["every outcome"],
  ],
  [
    "a priority that cannot be read",
    { ...flowOf([]), priority: "bad" },
    "expression.invalid",
    "/priority",
    ["priority", "at character 3", "Expected (."],
  ],
  [
    "an order that does not exist",
    { ...flowOf([]), ordering: "key" as "none" },
    "schema.enum",
    "/ordering",
    ['"document"', '"none"'],
  ],
];

describe("one sentence with the place for", () => {
  test.each(cases)("%s", (_name, flow, code, pointer, says) => {
    const problems = validateFlow(flow, context);
    expect(problems.map((problem) => [problem.code, problem.pointer])).toEqual([[code, pointer]]);
    const [problem] = problems;
    const text = `${problem?.message} ${problem?.hint ?? ""}`;
    for (const part of says) expect(text).toContain(part);
    expect(problem?.message).toMatch(/^[A-Z].*[.!?]$/s);
  });
});

test("a way of an answer that cannot be told, as without connectors, is not complained of", () => {
  const flow = flowOf([node("answer", "respond")], "orders answer");
  const { connectors: _none, ...bare } = context;
  expect(validateFlow(flow, bare)).toEqual([]);
  const service = { shop: { operations: { orderCreated: { transport: "service" } } } };
  expect(validateFlow(flow, { ...context, connectors: service })).toEqual([]);
});
