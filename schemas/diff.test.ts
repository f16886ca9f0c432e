import fc from "fast-check";
import { expect, test } from "vitest";
import { changesBetween, diffFlows } from "./diff.ts";
import type { Flow } from "./flow.ts";
import { hashFlow } from "./hash.ts";
import { validFlow } from "./sampleFlow.fixture.ts";

const edited = (edit: (flow: Flow) => void): Flow => {
  const flow = validFlow();
  edit(flow);
  return flow;
};
const diff = (edit: (flow: Flow) => void) => diffFlows(validFlow(), edited(edit));

test("a flow does not differ from its copy, nor from one in another order", () => {
  expect(diff(() => {}).identical).toBe(true);
  expect(diff((flow) => void flow.nodes.reverse()).identical).toBe(true);
});

test("moving a card is a change of the layout only", () => {
  const result = diff((flow) => {
    flow.layout = { nodes: { orders: { x: 40, y: 0 } } };
  });
  expect([result.layoutOnly, result.identical]).toEqual([true, false]);
});

test("says at which pointer a node changed, with before and after", () => {
  const result = diff((flow) => {
    const route = flow.nodes[3];
    if (route) route.config = { cases: [{ port: "ship", when: "true" }], "a/b~c": 1 };
    const erp = flow.nodes[4];
    if (erp) delete erp.retry;
  });
  expect(result.nodes.changed).toEqual([
    {
      id: "route",
      changes: [
        { pointer: "/config/cases/0/when", before: "lines.shippable", after: "true" },
        { pointer: "/config/a~1b~0c", after: 1 },
      ],
    },
    { id: "erp", changes: [{ pointer: "/retry", before: { attempts: 3 } }] },
  ]);
  expect(result.layoutOnly).toBe(false);
});

test("lists added and removed nodes and edges; an edge that was bent is both", () => {
  const result = diff((flow) => {
    flow.nodes.pop();
    flow.nodes.push({ id: "log", type: "map" });
    flow.edges[4] = { id: "e5", from: { node: "route", port: "otherwise" }, to: { node: "log", port: "in" } };
  });
  expect(result.nodes.added.map((node) => node.id)).toEqual(["log"]);
  expect(result.nodes.removed.map((node) => node.id)).toEqual(["review"]);
  expect(result.edges.removed.map((edge) => edge.to.node)).toEqual(["review"]);
  expect(result.edges.added.map((edge) => edge.to.node)).toEqual(["log"]);
});

test("shows slots and meta", () => {
  const result = diff((flow) => {
    flow.name = "Orders";
    flow.tags = ["orders", "eu"];
    flow.slots[1] = { name: "erp", connector: "sap" };
  });
  expect(result.meta).toEqual([
    { pointer: "/name", before: "Orders to ERP", after: "Orders" },
    { pointer: "/tags/1", after: "eu" },
  ]);
  expect(result.slots.changed).toEqual([{ id: "erp", changes: [{ pointer: "/connector", before: "erp", after: "sap" }] }]);
});

test("two values differ nowhere exactly when their JSON is the same", () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(changesBetween(a, structuredClone(a))).toEqual([]);
      const back = changesBetween(b, a).map(({ pointer }) => pointer);
      expect(
        changesBetween(a, b)
          .map(({ pointer }) => pointer)
          .sort(),
      ).toEqual(back.sort());
    }),
  );
});

test("a change that is not of the layout alone always makes another hash, and the other way round", () => {
  const word = fc.constantFrom("a", "b", "ship", "orders");
  fc.assert(
    fc.property(word, fc.nat(5), fc.option(word), fc.nat(3), (text, at, name, x) => {
      const flow = edited((f) => {
        const node = f.nodes[at];
        if (node) node.config = { ...node.config, expression: text };
        if (name) f.name = name;
        f.layout = { nodes: { orders: { x, y: 0 } } };
      });
      const result = diffFlows(validFlow(), flow);
      expect(hashFlow(flow, {}) === hashFlow(validFlow(), {})).toBe(result.layoutOnly || result.identical);
    }),
  );
});
