import { describe, expect, it } from "vitest";
import type { Flow } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { controlManifests, manifests, validFlow } from "#schemas/sampleFlow.fixture.ts";
import { addition, fits, type Spot } from "./adding.ts";
import { apply } from "./operations.ts";
import { cardWidth, places } from "./places.ts";

const known = new Map(Object.entries({ ...manifests, ...controlManifests }));
const type = (name: string): NodeManifest => {
  const manifest = known.get(name);
  if (!manifest) throw new Error(name);
  return manifest;
};

/** The flow with every node at its place. */
const drawn = (): Flow => ({ ...validFlow(), layout: { nodes: places(validFlow()) } });

const added = (flow: Flow, name: string, spot: Spot): Flow =>
  apply(flow, addition(flow, known, type(name), { x: 3, y: 5 }, spot).operation);

const ends = ({ edges }: Flow) => edges.map(({ from, to }) => `${from.node}.${from.port} ${to.node}.${to.port}`);

describe("what fits where", () => {
  const fitting = (kind: Spot["kind"]) =>
    ["shop.orderCreated", "map", "switch", "erp.upsertOrder", "respond"].filter((name) => fits(type(name), { kind } as Spot));
  it("needs an input behind an output, an output before an input, both on an edge", () => {
    expect(fitting("free")).toHaveLength(5);
    expect(fitting("output")).toEqual(["map", "switch", "erp.upsertOrder", "respond"]);
    expect(fitting("input")).toEqual(["shop.orderCreated", "map", "switch", "erp.upsertOrder"]);
    expect(fitting("edge")).toEqual(["map", "switch", "erp.upsertOrder"]);
  });
});

describe("a node added", () => {
  it("stands on the grid, with the slot it needs", () => {
    const flow = { ...drawn(), slots: [] };
    const after = added(flow, "erp.upsertOrder", { kind: "free" });
    expect(after.layout?.nodes.upsertOrder).toEqual({ x: 0, y: 8 });
    expect(after.slots).toEqual([{ name: "erp", connector: "erp" }]);
    expect(after.edges).toEqual(flow.edges);
  });

  it("is joined to the port it was drawn from, or to the first output that leads nowhere yet", () => {
    const flow = drawn();
    expect(ends(added(flow, "map", { kind: "output", node: "erp", port: "result" })).at(-1)).toBe("erp.result map.in");
    expect(ends(added(flow, "map", { kind: "input", node: "review", port: "in" })).at(-1)).toBe("map.out review.in");
    expect(ends(added(flow, "map", { kind: "behind", node: "erp" })).at(-1)).toBe("erp.out map.in");
    expect(ends(added(flow, "shop.orderCreated", { kind: "behind", node: "erp" }))).toEqual(ends(flow));
  });

  it("takes an edge's place in one step, and what lies behind makes room", () => {
    const flow = drawn();
    const after = added(flow, "map", { kind: "edge", edge: "e2" });
    expect(ends(after)).toEqual([
      ...ends(flow).filter((end) => end !== "canonical.out invariants.in"),
      "canonical.out map.in",
      "map.out invariants.in",
    ]);
    const [before, now] = [places(flow), places(after)];
    expect(now.map?.x).toBeGreaterThanOrEqual((now.canonical?.x ?? 0) + cardWidth);
    expect(now.invariants?.x).toBeGreaterThanOrEqual((now.map?.x ?? 0) + cardWidth);
    const shift = (now.invariants?.x ?? 0) - (before.invariants?.x ?? 0);
    for (const id of ["route", "erp", "review"]) expect((now[id]?.x ?? 0) - (before[id]?.x ?? 0)).toBe(shift);
    for (const id of ["orders", "canonical"]) expect(now[id]).toEqual(before[id]);
  });

  it("pushes nothing where there is room already", () => {
    const flow = apply(drawn(), { kind: "move", to: { invariants: { x: 5_000, y: 0 } } });
    const after = added(flow, "map", { kind: "edge", edge: "e2" });
    expect(after.layout?.nodes.invariants).toEqual({ x: 5_000, y: 0 });
    expect(after.layout?.nodes.route).toEqual(flow.layout?.nodes.route);
  });
});
