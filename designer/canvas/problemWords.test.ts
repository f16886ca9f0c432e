import fc from "fast-check";
import { describe, expect, it } from "vitest";
import switchNode from "#nodes/switch/node.json" with { type: "json" };
import type { Flow, FlowNode } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { manifests as few, validFlow } from "#schemas/sampleFlow.fixture.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { ready } from "../i18n/i18n.ts";
import type { Catalogue } from "./catalogue.ts";
import { inWords } from "./problemWords.ts";

await ready;

const installed = { ...few, switch: switchNode as NodeManifest };
const catalogue: Catalogue = { manifests: new Map(Object.entries(installed)), connectors: new Map() };

const problemsIn = (flow: Flow) => inWords(validateFlow(flow, { manifests: installed }), flow, catalogue);
const lineOf = ({ message, hint = "" }: { message: string; hint?: string }) => `${message} ${hint}`.trim();

/** What is said of some node once it is changed. */
function said(id: string, change: Partial<FlowNode>): string[] {
  const flow = validFlow();
  const nodes = flow.nodes.map((node) => (node.id === id ? { ...node, ...change } : node));
  return problemsIn({ ...flow, nodes })
    .filter(({ node }) => node === id)
    .map(lineOf);
}

describe("a problem in the words of the designer", () => {
  it("names settings as their fields do, and never the config of a node", () => {
    expect(said("route", { config: {} })).toContain("“Switch” has no “Cases”. Add “Cases”.");
    expect(said("route", { config: { cases: [{ port: "ship" }] } })).toContain("“Cases” 1 has no “Condition”. Add “Condition”.");
    expect(said("route", { config: { cases: [{ port: "ship", when: "" }] } })).toContain("“Cases” 1 “Condition” is empty.");
  });

  it("names what every node can be set to", () => {
    expect(said("erp", { retry: { attempts: 3, baseMs: 2_000, capMs: 1_000 } })).toContain(
      "Node “erp.upsertOrder”: “Longest wait” is shorter than “First wait”. Make “Longest wait” at least as long as “First wait”.",
    );
    expect(said("review", { retry: { attempts: 3 } }).join(" ")).toContain("Remove “Retries” from the node.");
    expect(said("orders", { onError: "route" }).join(" ")).toContain("Remove “On error” from the node.");
  });

  it("names nodes as their cards do, ports as theirs, and edges by their ends", () => {
    const flow = validFlow();
    const route = flow.nodes.find(({ id }) => id === "route");
    if (route) route.name = "By carrier";
    const [first] = flow.edges;
    if (first) first.to.port = "inside";
    flow.edges = flow.edges.filter(({ to }) => to.node !== "route");
    const lines = problemsIn(flow).map(lineOf);
    expect(lines).toContain("Nothing leads into “In” of node “By carrier”. Draw an edge to it, or remove the node.");
    expect(lines).toContain(
      'Edge “shop.orderCreated → map (canonical)” leads into port "inside" of node “map (canonical)”, which has no such input. Its inputs are “In”.',
    );
  });

  it("never speaks of nodes and edges by ids that nobody sees", () => {
    const named = validFlow();
    const hidden = (id: string) => `hidden-${id}`;
    const flow = {
      ...named,
      nodes: named.nodes.map((node) => ({ ...node, id: hidden(node.id), name: `The ${node.id} of it` })),
      edges: named.edges.map(({ id, from, to }) => ({
        id: hidden(id),
        from: { ...from, node: hidden(from.node) },
        to: { ...to, node: hidden(to.node) },
      })),
    };
    const part = <T>(items: readonly T[]) => fc.subarray([...items]);
    fc.assert(
      fc.property(part(flow.edges), part(flow.edges), part(flow.nodes), part(flow.slots), (some, again, bare, slots) => {
        const nodes = flow.nodes.map((node) => (bare.includes(node) ? { ...node, config: {}, onError: "route" as const } : node));
        const edges = [...some, ...again.map((edge) => ({ ...edge, to: { ...edge.to, node: flow.nodes[3]?.id ?? "" } }))];
        for (const problem of problemsIn({ ...flow, nodes, edges, slots }))
          if (problem.code !== "edge.duplicateId") expect(lineOf(problem)).not.toContain("hidden-");
      }),
    );
  });
});
