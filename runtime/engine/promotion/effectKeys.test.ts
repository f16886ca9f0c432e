import { describe, expect, test } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import { bookConnector, sampleCatalog, sampleFlow } from "#nodes/sample.fixture.ts";
import type { ConnectorOperation } from "#schemas/connector.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { changedWays } from "./effectKeys.ts";

const drawn = (flow: Flow, catalog = sampleCatalog) => ({ flow, lock: makeLock(flow, catalog) });
const changed = (id: string, change: Partial<FlowNode>): Flow => ({
  ...sampleFlow,
  nodes: sampleFlow.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)),
});
const ways = (after: Flow, catalog = sampleCatalog) => changedWays(drawn(sampleFlow), drawn(after, catalog));
const erp = [{ old: "erp", now: "erp" }];

describe("the way to an effect", () => {
  test("has changed with a node on it, an edge, an operation or a mapping", () => {
    expect(ways(changed("shape", { config: { expression: "$" } }))).toEqual(erp);
    expect(ways(changed("erp", { config: { series: "B" } }))).toEqual(erp);
    expect(ways({ ...sampleFlow, edges: sampleFlow.edges.filter(({ id }) => id !== "e2") })).toEqual(erp);
    expect(ways(sampleFlow, { ...sampleCatalog, mappings: { "book/post.jsonata": "{}" } })).toEqual(erp);
    const post = { ...bookConnector.operations.post, result: "body" } as ConnectorOperation;
    const book = { ...bookConnector, operations: { ...bookConnector.operations, post } };
    expect(ways(sampleFlow, { ...sampleCatalog, connectors: { ...sampleCatalog.connectors, book } })).toEqual(erp);
  });

  test("has not changed by what lies behind the effect or beside it, nor by names and samples", () => {
    expect(ways(sampleFlow)).toEqual([]);
    expect(ways(changed("after", { config: { expression: "$" } }))).toEqual([]);
    expect(ways(changed("read", { disabled: true }))).toEqual([]);
    expect(ways(changed("shape", { name: "Shape it", notes: "As they want it" }))).toEqual([]);
    const post = { ...bookConnector.operations.post, title: "Book it" } as ConnectorOperation;
    const book = { ...bookConnector, operations: { ...bookConnector.operations, post } };
    expect(ways(sampleFlow, { ...sampleCatalog, connectors: { ...sampleCatalog.connectors, book } })).toEqual([]);
  });

  test("is that of the new effect, where it was drawn anew", () => {
    const renamed = (flow: Flow): Flow => ({
      ...flow,
      nodes: flow.nodes.map((node) => (node.id === "erp" ? { ...node, id: "book" } : node)),
      edges: flow.edges.map((edge) => ({
        ...edge,
        from: { ...edge.from, node: edge.from.node === "erp" ? "book" : edge.from.node },
        to: { ...edge.to, node: edge.to.node === "erp" ? "book" : edge.to.node },
      })),
    });
    expect(ways(renamed(sampleFlow))).toEqual([]);
    expect(ways(renamed(changed("shape", { config: { expression: "$" } })))).toEqual([{ old: "erp", now: "book" }]);
  });
});
