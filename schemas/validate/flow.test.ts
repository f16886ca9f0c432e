import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Flow, FlowNode } from "../flow.ts";
import type { NodeManifest } from "../manifest.ts";
import { valueAt } from "../pointer.ts";
import { manifests, validFlow } from "../sampleFlow.fixture.ts";
import { type FlowContext, isPublishable, validateFlow } from "./flow.ts";
import { plain } from "./words.ts";

/** Stands for JSONata: an expression with `(((` is bad at the place of the first bracket. */
const checkExpression = (text: string) =>
  text.includes("(((") ? { ok: false as const, message: "Expected ).", position: text.indexOf("(((") } : { ok: true as const };

const context: FlowContext = {
  manifests,
  checkExpression,
  connectors: { shop: {}, erp: {}, wms: {} },
  schemas: ["canonical/order/1"],
};

const check = (edit: (flow: Flow) => void) => {
  const flow = validFlow();
  edit(flow);
  return validateFlow(flow, context);
};
const node = (flow: Flow, id: string): FlowNode => {
  const found = flow.nodes.find((one) => one.id === id);
  if (!found) throw new Error(`no node ${id}`);
  return found;
};
const edge = (id: string, from: string, to: string) => {
  const [fromNode = "", fromPort = ""] = from.split(".");
  const [toNode = "", toPort = ""] = to.split(".");
  return { id, from: { node: fromNode, port: fromPort }, to: { node: toNode, port: toPort } };
};

test("a valid flow has no problems", () => {
  expect(check(() => {})).toEqual([]);
});

type Case = [name: string, edit: (flow: Flow) => void, expected: { code: string; pointer: string; says: string[] }];

/** Each breaks one thing and must get one sentence, with the place. */
const cases: Case[] = [
  [
    "a missing name",
    (f) => Reflect.deleteProperty(f, "name"),
    { code: "schema.required", pointer: "/name", says: ["The flow", '"name"'] },
  ],
  [
    "a misspelt property",
    (f) => Object.assign(node(f, "erp"), { retyr: {} }),
    { code: "schema.additionalProperties", pointer: "/nodes/4/retyr", says: ['Node "erp"', '"retyr"', 'Did you mean "retry"?'] },
  ],
  [
    "a wrong type",
    (f) => Object.assign(node(f, "erp"), { disabled: "no" }),
    { code: "schema.type", pointer: "/nodes/4/disabled", says: ['Node "erp": "disabled" must be true or false', '"no"'] },
  ],
  [
    "an unknown format",
    (f) => Object.assign(f, { formatVersion: 2 }),
    { code: "schema.const", pointer: "/formatVersion", says: ["1", "2"] },
  ],
  [
    "nodes that are no list",
    (f) => Object.assign(f, { nodes: {} }),
    { code: "schema.type", pointer: "/nodes", says: ["a list"] },
  ],
  [
    "a node that is null",
    (f) => f.nodes.push(null as never),
    { code: "schema.type", pointer: "/nodes/6", says: ["Node 7 in the list", "null"] },
  ],
  [
    "an id with a blank",
    (f) => f.edges.splice(0, 1, edge("my edge", "orders.out", "canonical.in")),
    { code: "schema.pattern", pointer: "/edges/0/id", says: ['Edge "my edge": "id" must start with a letter'] },
  ],
  [
    "two nodes of one id",
    (f) => f.nodes.push({ id: "review", type: "map", config: { expression: "$" } }),
    { code: "node.duplicateId", pointer: "/nodes/6/id", says: ['"review"', "6", "7"] },
  ],
  [
    "an unknown node type",
    (f) => Object.assign(node(f, "canonical"), { type: "mpa" }),
    { code: "node.unknownType", pointer: "/nodes/1/type", says: ['"canonical"', '"mpa"', 'Did you mean "map"?'] },
  ],
  [
    "an edge out of a missing node",
    (f) => f.edges.splice(0, 1, edge("e1", "order.out", "canonical.in")),
    { code: "edge.unknownNode", pointer: "/edges/0/from/node", says: ['"e1"', '"order"', 'Did you mean "orders"?'] },
  ],
  [
    "an edge into a missing node",
    (f) => f.edges.splice(3, 1, edge("e4", "route.ship", "epr.in")),
    { code: "edge.unknownNode", pointer: "/edges/3/to/node", says: ['"epr"'] },
  ],
  [
    "an edge out of a missing port",
    (f) => f.edges.splice(2, 1, edge("e3", "invariants.vaild", "route.in")),
    { code: "edge.unknownPort", pointer: "/edges/2/from/port", says: ['"vaild"', '"invariants"', 'outputs are "valid"'] },
  ],
  [
    "an edge out of a case that does not exist",
    (f) => f.edges.splice(3, 1, edge("e4", "route.sihp", "erp.in")),
    { code: "edge.unknownPort", pointer: "/edges/3/from/port", says: ['"ship" and "otherwise"'] },
  ],
  [
    "an edge into a missing port",
    (f) => f.edges.splice(3, 1, edge("e4", "route.ship", "erp.into")),
    { code: "edge.unknownPort", pointer: "/edges/3/to/port", says: ['inputs are "in"'] },
  ],
  [
    "an edge into a source",
    (f) => f.edges.push(edge("e6", "review.out", "orders.in")),
    { code: "edge.intoSource", pointer: "/edges/5/to", says: ["is a source"] },
  ],
  [
    "the same edge twice",
    (f) => f.edges.push(edge("e6", "route.ship", "erp.in")),
    { code: "edge.duplicate", pointer: "/edges/5", says: ['"e6"', "second time"] },
  ],
  [
    "two edges of one id",
    (f) => f.edges.push(edge("e4", "review.out", "erp.in")),
    { code: "edge.duplicateId", pointer: "/edges/5/id", says: ['"e4"'] },
  ],
  [
    "a cycle",
    (f) => f.edges.push(edge("e6", "review.out", "invariants.in")),
    { code: "flow.cycle", pointer: "/edges/5", says: ['"invariants" -> "route" -> "review" -> "invariants"'] },
  ],
  [
    "a node into itself",
    (f) => f.edges.push(edge("e6", "review.out", "review.in")),
    { code: "flow.cycle", pointer: "/edges/5", says: ["itself"] },
  ],
  [
    "no source",
    (f) => {
      f.nodes = [{ id: "only", type: "map", config: { expression: "$" } }];
      f.nodes = [];
      f.edges = [];
      f.slots = [];
    },
    { code: "flow.noSource", pointer: "/nodes", says: ["no source"] },
  ],
  [
    "an input into which nothing leads",
    (f) => f.nodes.push({ id: "lost", type: "map", config: { expression: "$" } }),
    { code: "node.openInput", pointer: "/nodes/6", says: ['"lost"', '"in"'] },
  ],
  [
    "config without a needed property",
    (f) => Object.assign(node(f, "canonical"), { config: {} }),
    { code: "config.required", pointer: "/nodes/1/config/expression", says: ['config of node "canonical"', '"expression"'] },
  ],
  [
    "config of the wrong type inside a list",
    (f) => Object.assign(node(f, "route"), { config: { cases: [{ port: "ship", when: 1 }] } }),
    { code: "config.type", pointer: "/nodes/3/config/cases/0/when", says: ['"cases/0/when" must be text', "1"] },
  ],
  [
    "an empty expression",
    (f) => Object.assign(node(f, "canonical"), { config: { expression: "" } }),
    { code: "config.minLength", pointer: "/nodes/1/config/expression", says: ["is empty"] },
  ],
  [
    "a bad expression",
    (f) => Object.assign(node(f, "canonical"), { config: { expression: "a & (((b" } }),
    { code: "expression.invalid", pointer: "/nodes/1/config/expression", says: ["at character 4", "Expected )."] },
  ],
  [
    "a bad expression inside a list",
    (f) => Object.assign(node(f, "route"), { config: { cases: [{ port: "ship", when: "(((" }] } }),
    { code: "expression.invalid", pointer: "/nodes/3/config/cases/0/when", says: ['"cases/0/when"', '"route"'] },
  ],
  [
    "two cases of one port",
    (f) => Object.assign(node(f, "route"), { config: { cases: [1, 2].map(() => ({ port: "ship", when: "a" })) } }),
    { code: "node.duplicatePort", pointer: "/nodes/3/config/cases", says: ['"ship"'] },
  ],
  [
    "a node without its slot",
    (f) => Reflect.deleteProperty(node(f, "erp"), "slot"),
    { code: "slot.missing", pointer: "/nodes/4/slot", says: ['"erp"', 'Slots for it: "erp"'] },
  ],
  [
    "a slot that the flow does not have",
    (f) => Object.assign(node(f, "erp"), { slot: "epr" }),
    { code: "slot.unknown", pointer: "/nodes/4/slot", says: ['"epr"', 'Did you mean "erp"?'] },
  ],
  [
    "a slot of another connector",
    (f) => f.slots.splice(1, 1, { name: "erp", connector: "wms" }),
    { code: "slot.wrongConnector", pointer: "/nodes/4/slot", says: ['"wms"', '"erp"'] },
  ],
  [
    "a slot of a connector that does not exist",
    (f) => f.slots.splice(1, 1, { name: "erp", connector: "epr" }),
    { code: "slot.unknownConnector", pointer: "/slots/1/connector", says: ['"epr"', 'Did you mean "erp"?'] },
  ],
  [
    "a slot where none is needed",
    (f) => Object.assign(node(f, "review"), { slot: "erp" }),
    { code: "slot.notNeeded", pointer: "/nodes/5/slot", says: ['"map"'] },
  ],
  [
    "two slots of one name",
    (f) => f.slots.push({ name: "erp", connector: "erp" }),
    { code: "slot.duplicateName", pointer: "/slots/2/name", says: ['"erp"'] },
  ],
  [
    "an unused slot",
    (f) => f.slots.push({ name: "spare", connector: "erp" }),
    { code: "slot.unused", pointer: "/slots/2", says: ['"spare"'] },
  ],
  [
    "a case after which nothing comes",
    (f) => Object.assign(node(f, "route"), { config: { cases: ["ship", "hold"].map((port) => ({ port, when: "a" })) } }),
    { code: "node.openOutput", pointer: "/nodes/3", says: ['"hold"', '"route"'] },
  ],
  [
    "a longest wait below the first",
    (f) => Object.assign(node(f, "erp"), { retry: { baseMs: 5_000, capMs: 1_000 } }),
    { code: "retry.capBelowBase", pointer: "/nodes/4/retry/capMs", says: ["1000 ms", "5000 ms"] },
  ],
  [
    "a first wait above the default cap",
    (f) => Object.assign(node(f, "erp"), { retry: { baseMs: 600_000 } }),
    { code: "retry.capBelowBase", pointer: "/nodes/4/retry/baseMs", says: ["300000 ms"] },
  ],
  [
    "an age limit below the first wait",
    (f) => Object.assign(node(f, "erp"), { retry: { maxAgeMs: 10 } }),
    { code: "retry.neverRetries", pointer: "/nodes/4/retry/maxAgeMs", says: ["10 ms"] },
  ],
  [
    "retries of what can only fail again",
    (f) => Object.assign(node(f, "erp"), { retry: { classes: ["transient", "invalid"] } }),
    { code: "retry.hopeless", pointer: "/nodes/4/retry/classes", says: ['"invalid"'] },
  ],
  [
    "retries of what may have been applied",
    (f) => Object.assign(node(f, "erp"), { retry: { classes: ["inDoubt"] } }),
    { code: "retry.inDoubt", pointer: "/nodes/4/retry/classes", says: ["already"] },
  ],
  [
    "retries at a pure node",
    (f) => Object.assign(node(f, "review"), { retry: { attempts: 2 } }),
    { code: "retry.noEffect", pointer: "/nodes/5/retry", says: ['"review"'] },
  ],
  [
    "an unknown outcome class",
    (f) => Object.assign(node(f, "erp"), { retry: { classes: ["transint"] } }),
    { code: "schema.enum", pointer: "/nodes/4/retry/classes/0", says: ['Did you mean "transient"?'] },
  ],
  [
    "an unknown canonical schema",
    (f) => Object.assign(node(f, "invariants"), { config: { schema: "canonical/orders/1" } }),
    { code: "schema.unknownCanonical", pointer: "/nodes/2/config/schema", says: ['Did you mean "canonical/order/1"?'] },
  ],
  [
    "a forbidden key",
    (f) => Object.assign(node(f, "erp"), { config: JSON.parse('{"__proto__": {}}') }),
    { code: "json.forbiddenKey", pointer: "/nodes/4/config/__proto__", says: ["__proto__"] },
  ],
  [
    "nesting without end",
    (f) => Object.assign(node(f, "erp"), { config: JSON.parse(`{"subsidiary":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`) }),
    { code: "json.tooDeep", pointer: "", says: ["64 levels"] },
  ],
];

describe("one sentence with the place for", () => {
  test.each(cases)("%s", (_name, edit, expected) => {
    const problems = check(edit);
    expect(problems.map((problem) => problem.code)).toEqual([expected.code]);
    const [problem] = problems;
    if (expected.code !== "json.tooDeep") expect(problem?.pointer).toBe(expected.pointer);
    const text = `${problem?.message} ${problem?.hint ?? ""}`;
    for (const part of expected.says) expect(text).toContain(part);
    expect(problem?.message).toMatch(/^[A-Z].*[.!?]$/s);
  });
});

test("an edge from a sink's missing outputs says that there are none", () => {
  const end: NodeManifest = { ...manifests.map, type: "end", outputs: [] } as NodeManifest;
  const flow = validFlow();
  flow.nodes.push({ id: "end", type: "end", config: { expression: "$" } });
  flow.edges.push(edge("e6", "review.out", "end.in"), edge("e7", "end.out", "erp.in"));
  const problems = validateFlow(flow, { ...context, manifests: { ...manifests, end } });
  expect(problems.map((problem) => [problem.code, problem.pointer])).toEqual([["edge.outOfNothing", "/edges/6/from"]]);
});

test("several faults get several sentences, errors first, and warnings alone may be published", () => {
  const problems = check((flow) => {
    flow.slots.push({ name: "spare", connector: "erp" });
    Object.assign(node(flow, "canonical"), { config: { expression: "(((" } });
    Object.assign(node(flow, "erp"), { config: { subsidiary: 1 } });
  });
  expect(problems.map((problem) => problem.code)).toEqual(["expression.invalid", "config.type", "slot.unused"]);
  expect(isPublishable(problems)).toBe(false);
  expect(isPublishable(problems.slice(2))).toBe(true);
});

test("an island without a source is named once, as what it lacks", () => {
  const problems = check((flow) => {
    flow.nodes.push({ id: "a", type: "map", config: { expression: "$" } }, { id: "b", type: "map", config: { expression: "$" } });
    flow.edges.push(edge("e6", "a.out", "b.in"));
  });
  expect(problems.map((problem) => [problem.code, problem.node])).toEqual([["node.openInput", "a"]]);
});

test("columns of a file that hide each other, or are written as their type never is, are told at their settings", () => {
  const columns = [
    { name: "sku", type: "text" },
    { name: "sku", type: "date", format: "Y/N" },
  ];
  const shop = manifests["shop.orderCreated"] as NodeManifest;
  const reads = { ...shop, config: { type: "object", properties: { columns: { type: "array", "x-widget": "fileColumns" } } } };
  const flow = validFlow();
  Object.assign(flow.nodes[0] as FlowNode, { config: { columns } });
  const problems = validateFlow(flow, { ...context, manifests: { ...manifests, "shop.orderCreated": reads } });
  expect(problems.map(({ code, pointer }) => [code, pointer])).toEqual([
    ["config.columnTwice", "/nodes/0/config/columns/1/name"],
    ["config.columnFormat", "/nodes/0/config/columns/1/format"],
  ]);
});

const shaped = (problems: ReturnType<typeof validateFlow>, document: unknown) => {
  for (const { message, hint, words, pointer, code } of problems) {
    expect(message).toMatch(/^\S.*[.!?]$/s);
    if (words) expect([plain(words.message), words.hint && plain(words.hint)]).toEqual([message, hint]);
    // Ids of nodes and edges are mentions, so that the designer can say names instead.
    const said = (words?.message ?? [message]).filter((piece) => typeof piece === "string").join("");
    expect(said).not.toMatch(/\b(nodes?|edges?) "/i);
    expect(code).toMatch(/^[a-z]+\.[A-Za-z]+$/);
    // The place is there, or what could hold it.
    const ancestors = [pointer, pointer.replace(/\/[^/]*$/, ""), pointer.replace(/(\/[^/]*){2}$/, "")];
    if (document === Object(document)) expect(ancestors.some((place) => valueAt(document, place) !== undefined)).toBe(true);
  }
};

test("never throws, whatever it is given", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => shaped(validateFlow(value, context), value)));
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true, withDate: true }), (value) => {
      validateFlow(value, context);
    }),
  );
});

/** Every place of a document, as a way of keys. */
function places(value: unknown, way: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, child]) => places(child, [...way, key]))];
}

function replaced(value: unknown, [step, ...rest]: string[], by: unknown, remove: boolean): unknown {
  if (step === undefined) return by;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) };
  const holder = copy as Record<string, unknown>;
  if (rest.length > 0) holder[step] = replaced(holder[step], rest, by, remove);
  else if (remove && Array.isArray(copy)) copy.splice(Number(step), 1);
  else if (remove) delete holder[step];
  else holder[step] = by;
  return copy;
}

test("never throws on a valid flow with any one place replaced, removed or exchanged", () => {
  const all = places(validFlow());
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.constantFrom(...all), fc.jsonValue(), fc.nat(2), (way, other, value, how) => {
      const flow: unknown = validFlow();
      const by = how === 2 ? valueAt(flow, other.map((step) => `/${step}`).join("")) : value;
      const broken = replaced(flow, way, by, how === 1);
      shaped(validateFlow(broken, context), broken);
    }),
    { numRuns: 1_000 },
  );
});
