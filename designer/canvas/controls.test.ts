import { describe, expect, it } from "vitest";
import { builtInManifests, controlNodeTypes } from "#nodes/registry.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { validFlow } from "#schemas/sampleFlow.fixture.ts";
import { controlOf, fieldsOf } from "../inspector/fields.ts";
import { unitOf, units } from "../inspector/units.ts";
import { newNode } from "./adding.ts";
import { namedIcons } from "./icons.ts";
import { apply } from "./operations.ts";
import { summaryOf } from "./summary.ts";

const manifestOf = (type: string) => {
  const found = builtInManifests.find((manifest) => manifest.type === type);
  if (!found) throw new Error(type);
  return found;
};

it("there is an icon for each node type of the product", () => {
  expect(builtInManifests.filter(({ icon }) => !Object.hasOwn(namedIcons, icon)).map(({ type }) => type)).toEqual([]);
});

it("each widget that a control node names has a control of its own", () => {
  const named = controlNodeTypes.flatMap(({ manifest: { config } }) =>
    fieldsOf(config).filter(({ schema }) => schema["x-widget"] !== undefined),
  );
  expect(named.filter(({ schema }) => ["text", "number", "json", "texts"].includes(controlOf(schema)))).toEqual([]);
});

describe("the card of a control node", () => {
  const line = (type: string, config: Record<string, unknown>): string =>
    summaryOf({ id: "x", type, config }, manifestOf(type), undefined);

  it.each<[string, Record<string, unknown>, string]>([
    ["split", { items: "/* each line */ lines" }, "each line"],
    ["split", { items: "$" }, "Split"],
    ["join", { split: "lines", timeoutSeconds: 7_200 }, "lines · 2 h"],
    ["delay", { seconds: 90 }, "1 min 30 s"],
    ["wait", { key: "returnId", messageKey: "rma.id", timeoutSeconds: 1_209_600 }, "returnId · rma.id · 14 d"],
    ["batch", { count: 100, waitSeconds: 60 }, "Items 100 · 1 min"],
    ["sub-flow", { flow: "check-address" }, "check-address"],
    ["respond", { status: 201, body: "$" }, "Status 201"],
    ["exception-route", { classes: ["rejected", "timeout"] }, "rejected, timeout"],
    ["exception-route", { classes: [] }, "On error"],
  ])("%s says its settings", (type, config, expected) => expect(line(type, config)).toBe(expected));
});

describe("a length of time", () => {
  it("is told in the largest unit in which it is a whole number", () => {
    expect([0, 59, 60, 90, 7_200, 1_209_600, 0.5, undefined].map(unitOf)).toEqual(["s", "s", "min", "s", "h", "d", "s", "s"]);
    expect(units.d).toBe(24 * units.h);
  });
});

describe("the error way of a node", () => {
  const routed = (): Flow => {
    const flow = apply(validFlow(), { kind: "setNode", node: "erp", change: { onError: "route" } });
    return apply(flow, {
      kind: "connect",
      edge: { id: "e9", from: { node: "erp", port: "error" }, to: { node: "review", port: "in" } },
    });
  };

  it("goes with the edges that came out of it, and with no others", () => {
    expect(routed().edges).toHaveLength(6);
    const without = apply(routed(), { kind: "setNode", node: "erp", change: { onError: undefined } });
    expect(without).toEqual(validFlow());
    expect(apply(routed(), { kind: "setNode", node: "erp", change: { name: "ERP" } }).edges).toHaveLength(6);
  });
});

it("a new join gathers the newest split that has none", () => {
  const nodes: FlowNode[] = [
    { id: "lines", type: "split" },
    { id: "parts", type: "split" },
    { id: "one", type: "join", config: { split: "parts" } },
  ];
  const flow = { ...validFlow(), nodes: [...validFlow().nodes, ...nodes] };
  expect(newNode(flow, manifestOf("join")).node.config).toEqual({ split: "lines" });
  const both: FlowNode = { id: "two", type: "join", config: { split: "lines" } };
  expect(newNode({ ...flow, nodes: [...flow.nodes, both] }, manifestOf("join")).node.config).toEqual({});
});

it("a new node says the version of its settings where they have changed since the first", () => {
  const delay = { ...manifestOf("delay"), version: "3.1.0", migrations: [2] };
  expect(newNode(validFlow(), delay).node.version).toBe(2);
  expect(newNode(validFlow(), manifestOf("join")).node).not.toHaveProperty("version");
});

it("settings of the flow can be made and taken away", () => {
  const set = apply(validFlow(), { kind: "setFlow", change: { ordering: "none", priority: "rank" } });
  expect(set).toMatchObject({ ordering: "none", priority: "rank" });
  expect(apply(set, { kind: "setFlow", change: { ordering: undefined, priority: undefined } })).toEqual(validFlow());
});
