import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { outcomeClasses } from "#schemas/outcomeClass.ts";
import { errorItem, errorRoute } from "./errorRoute.ts";

const node = (id: string, more: Partial<FlowNode> = {}): FlowNode => ({ id, type: "map", ...more });
const catcher = (id: string, ...classes: string[]): FlowNode =>
  node(id, { type: "exception-route", config: classes.length > 0 ? { classes } : {} });

/** Edges as `from.port to`. */
const flowOf = (nodes: FlowNode[], ...edges: string[]): Flow => ({
  kind: "flow",
  formatVersion: 1,
  id: "routes",
  name: "Routes",
  slots: [],
  nodes,
  edges: edges.map((text, index) => {
    const [from = "", to = ""] = text.split(" ");
    const [start = "", port = "out"] = from.split(".");
    return { id: `e${index}`, from: { node: start, port }, to: { node: to, port: "in" } };
  }),
});

describe("errorRoute", () => {
  it("takes the node's own error way first, where something follows it", () => {
    const nodes = [node("erp", { onError: "route" }), node("mend"), catcher("rest"), node("tell")];
    expect(errorRoute(flowOf(nodes, "erp.error mend", "rest tell"), "erp", "rejected")).toEqual({ node: "erp", port: "error" });
    expect(errorRoute(flowOf(nodes, "rest tell"), "erp", "rejected")).toEqual({ node: "rest", port: "out" });
  });

  it("does not use an error port that the node does not ask for", () => {
    expect(errorRoute(flowOf([node("erp"), node("mend")], "erp.error mend"), "erp", "rejected")).toBeUndefined();
  });

  it("prefers the exception route that names the outcome, wherever it stands", () => {
    const flow = flowOf(
      [node("erp"), catcher("all"), catcher("refused", "rejected"), node("a"), node("b")],
      "all a",
      "refused b",
    );
    expect(errorRoute(flow, "erp", "rejected")?.node).toBe("refused");
    expect(errorRoute(flow, "erp", "invalid")?.node).toBe("all");
  });

  it("leaves outcomes that no exception route takes to a dead letter", () => {
    const flow = flowOf([node("erp"), catcher("refused", "rejected"), node("b")], "refused b");
    expect(errorRoute(flow, "erp", "timeout")).toBeUndefined();
  });

  it("does not use one that is disabled, or after which nothing comes", () => {
    expect(
      errorRoute(flowOf([node("erp"), { ...catcher("all"), disabled: true }, node("a")], "all a"), "erp", "bug"),
    ).toBeUndefined();
    expect(errorRoute(flowOf([node("erp"), catcher("all")]), "erp", "bug")).toBeUndefined();
  });

  it.each(["inDoubt", "duplicate", "cancelled"] as const)("never takes %s", (kind) => {
    const flow = flowOf([node("erp", { onError: "route" }), node("a"), catcher("all"), node("b")], "erp.error a", "all b");
    expect(errorRoute(flow, "erp", kind)).toBeUndefined();
  });

  it("does not catch again what fails behind an exception route, nor hand it to another", () => {
    const flow = flowOf([catcher("all"), node("a"), catcher("refused", "rejected"), node("b")], "all a", "refused b");
    for (const failed of ["a", "b"])
      for (const kind of ["rejected", "timeout"] as const) expect(errorRoute(flow, failed, kind)).toBeUndefined();
  });
});

it("carries the item that came in, and why it failed", () => {
  const reason = { code: "map.nothing", message: "Nothing.", hint: "Look.", path: "/a" };
  expect(errorItem(undefined, "shape", "invalid", reason)).toEqual({
    item: null,
    error: { node: "shape", class: "invalid", code: "map.nothing", message: "Nothing." },
  });
});

it("ends for any flow, whatever fails next on the way", () => {
  const ids = ["a", "b", "c", "d", "e", "f"];
  const kinds = fc.constantFrom("map" as const, "exception-route" as const);
  const nodes = fc.tuple(
    ...ids.map((id) =>
      fc
        .record({
          type: kinds,
          route: fc.boolean(),
          classes: fc.subarray(["rejected", "invalid", "timeout"]),
        })
        .map(
          ({ type, route, classes }): FlowNode =>
            type === "map" ? node(id, route ? { onError: "route" } : {}) : catcher(id, ...classes),
        ),
    ),
  );
  // Edges lead forward in the alphabet only, as in a flow without a cycle.
  const edges = fc.array(fc.tuple(fc.nat(4), fc.nat(5), fc.constantFrom("out", "error")), { maxLength: 14 });
  fc.assert(
    fc.property(
      nodes,
      edges,
      fc.array(fc.constantFrom(...outcomeClasses), { minLength: 40, maxLength: 40 }),
      (all, pairs, fails) => {
        const forward = pairs.flatMap(([from, to, port]) => (from < to ? [`${ids[from]}.${port} ${ids[to]}`] : []));
        const flow = flowOf(all, ...forward);
        // The item goes on as far as the first node after the route, which fails too: as long a way as there can be.
        let at: string | undefined = "a";
        let steps = 0;
        while (at !== undefined) {
          const taken = errorRoute(flow, at, fails[steps] ?? "bug");
          at = taken && flow.edges.find(({ from }) => from.node === taken.node && from.port === taken.port)?.to.node;
          steps += 1;
          expect(steps).toBeLessThanOrEqual(2 * ids.length);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
