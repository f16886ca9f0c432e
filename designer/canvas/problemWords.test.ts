import { describe, expect, it } from "vitest";
import switchNode from "#nodes/switch/node.json" with { type: "json" };
import type { Flow } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { manifests as few, validFlow } from "#schemas/sampleFlow.fixture.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { inWords } from "./problemWords.ts";

const installed = { ...few, switch: switchNode as NodeManifest };
const manifests = new Map(Object.entries(installed));

/** What is said of the nodes called route and review once the flow is as it is made. */
function said(make: (flow: Flow) => Flow): string[] {
  const flow = make(validFlow());
  const problems = validateFlow(flow, { manifests: installed });
  return inWords(problems, flow, manifests)
    .filter(({ node }) => node === "route" || node === "review")
    .map(({ message, hint = "" }) => `${message} ${hint}`);
}

const withRoute = (change: Partial<Flow["nodes"][number]>) => (flow: Flow) => ({
  ...flow,
  nodes: flow.nodes.map((node) => (node.id === "route" ? { ...node, ...change } : node)),
});

describe("a problem in the words of the designer", () => {
  it("names settings as their fields do, and never the config of a node", () => {
    expect(said(withRoute({ config: {} }))).toContain("“Cases” is missing. Add “Cases”.");
    expect(said(withRoute({ config: { cases: [{ port: "ship" }] } }))).toContain(
      "“Cases” 1 has no “Condition”. Add “Condition”.",
    );
    const faulty = said(withRoute({ config: { cases: [{ port: "ship", when: "" }] } }));
    expect(faulty.join(" ")).toContain("“Cases” 1");
    expect(faulty.join(" ")).not.toMatch(/config|cases|"/);
  });

  it("names nodes as their cards do, and ports as theirs", () => {
    const open = (flow: Flow) => ({
      ...withRoute({ name: "By carrier" })(flow),
      edges: flow.edges.filter(({ to }) => to.node !== "route"),
    });
    const lines = said(open);
    expect(lines.some((line) => line.startsWith("Nothing leads into “In” of node “By carrier”."))).toBe(true);
    expect(lines.join(" ")).not.toContain('node "');
  });
});
