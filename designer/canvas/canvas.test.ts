import { describe, expect, it } from "vitest";
import type { Flow } from "#schemas/flow.ts";
import { manifests, validFlow } from "#schemas/sampleFlow.fixture.ts";
import { ready } from "../i18n/i18n.ts";
import { cardBoxes, freePlace, nearestFree } from "./adding.ts";
import { arrange, notesAlong } from "./arrange.ts";
import { boardEdges } from "./cards.ts";
import { changeLines } from "./changes.ts";
import { createLive, fromStatus, fromTrace, withPins } from "./live.ts";
import { nodeNames } from "./names.ts";
import { apply } from "./operations.ts";
import { places } from "./places.ts";
import { firstWords, summaryOf } from "./summary.ts";
import { openLinks, refusal } from "./validity.ts";

const link = (from: string, to: string, port = "out") => ({ from: { node: from, port }, to: { node: to, port: "in" } });

describe("which edges may be drawn", () => {
  it("refuses a node to itself, an edge that stands and one that closes a circle", () => {
    const flow = validFlow();
    expect(refusal(flow, link("erp", "erp"))).toBe("self");
    expect(refusal(flow, link("orders", "canonical"))).toBe("stands");
    expect(refusal(flow, link("erp", "canonical"))).toBe("circle");
    expect(refusal(flow, link("canonical", "erp"))).toBeNull();
  });

  it("offers out of a port exactly what it does not refuse", () => {
    const flow = validFlow();
    for (const { id } of flow.nodes) {
      const from = { node: id, port: "out" };
      const all = flow.nodes.map((node) => ({ from, to: { node: node.id, port: "in" } }));
      expect(openLinks(flow, from, () => ["in"])).toEqual(all.filter((one) => refusal(flow, one) === null));
    }
  });

  it("lets an edge be moved over its own old place", () => {
    expect(refusal(validFlow(), link("orders", "canonical"), "e1")).toBeNull();
  });
});

describe("where cards stand", () => {
  it("arranges along the edges, no card over another", () => {
    const at = arrange(validFlow(), () => ["ship", "otherwise"]);
    expect(at.orders?.x).toBeLessThan(at.canonical?.x ?? 0);
    expect(at.route?.x).toBeLessThan(at.erp?.x ?? 0);
    expect(Math.abs((at.erp?.y ?? 0) - (at.review?.y ?? 0))).toBeGreaterThanOrEqual(136);
  });

  it("arranges branches from top to bottom in the order of their ports, whichever way the edges are listed", () => {
    const flow = validFlow();
    const first = { ...flow, edges: [...flow.edges].reverse() };
    for (const one of [flow, first]) {
      const at = arrange(one, () => ["ship", "otherwise"]);
      const turned = arrange(one, () => ["otherwise", "ship"]);
      expect(at.erp?.y).toBeLessThan(at.review?.y ?? 0);
      expect(turned.erp?.y).toBeGreaterThan(turned.review?.y ?? 0);
    }
  });

  it("arranging takes each note along with the card it is nearest to, to where it covers none", () => {
    const flow = { ...validFlow(), layout: { nodes: places(validFlow()), notes: [] } };
    const at = flow.layout.nodes;
    const beside = (id: string, by: number) => {
      const { x, y } = at[id] ?? { x: 0, y: 0 };
      return { id, text: "", x: x + 8, y: y + by, width: 200, height: 96 };
    };
    const noted = {
      ...flow,
      layout: { ...flow.layout, notes: [beside("erp", -120), beside("orders", 150), beside("route", 20)] },
    };
    const to = arrange(noted, () => ["ship", "otherwise"]);
    const notes = notesAlong(noted, to);
    const after = apply(noted, { kind: "move", to, notes });
    const boxes = [...cardBoxes(places(after)), ...(after.layout?.notes ?? [])];
    for (const [index, a] of boxes.entries())
      for (const b of boxes.slice(index + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart, JSON.stringify([a, b])).toBe(true);
      }
    for (const id of ["erp", "orders", "route"]) expect((notes[id]?.x ?? 0) - (to[id]?.x ?? 0)).toBe(8);
    expect(notesAlong(after, to)).toEqual({});
  });

  it("finds a place for a new card that covers no other, however tall", () => {
    const cards = [
      { x: 0, y: 0, width: 240, height: 300 },
      { x: 20, y: 310, width: 240, height: 136 },
    ];
    expect(freePlace(cards, { x: 10, y: 200 })).toEqual({ x: 10, y: 462 });
    expect(freePlace(cards, { x: 300, y: 200 })).toEqual({ x: 300, y: 200 });
    // A wide note is gone around as a card is, and a small thing finds a place between.
    expect(freePlace([{ x: -400, y: 150, width: 500, height: 100 }], { x: 80, y: 200 })).toEqual({ x: 80, y: 266 });
    expect(nearestFree(cards, { x: 0, y: -20 }, { width: 96, height: 48 })).toEqual({ x: 0, y: -64 });
  });

  it("keeps the places of the layout and finds others for the rest", () => {
    const at = places(validFlow());
    expect(at.orders).toEqual({ x: 0, y: 0 });
    expect(new Set(Object.values(at).map(({ x, y }) => `${x} ${y}`)).size).toBe(6);
    expect(at.route?.x).toBeLessThan(at.review?.x ?? 0);
    expect(places({ ...validFlow(), layout: { nodes: at } })).toEqual(at);
  });
});

describe("what a card says", () => {
  const nodes = validFlow().nodes;
  const line = (id: string) => {
    const node = nodes.find((one) => one.id === id);
    if (!node) throw new Error(id);
    return summaryOf(node, manifests[node.type], "NetSuite");
  };

  it("names the operation, the schema, the cases or the expression", () => {
    expect(line("erp")).toBe("NetSuite · erp.upsertOrder");
    expect(line("invariants")).toBe("canonical/order/1");
    expect(line("route")).toBe("ship");
    expect(line("canonical")).toBe('{ "id": id }');
  });

  it("takes the comment that an expression begins with, then the notes", () => {
    const node = { id: "m", type: "map", config: { expression: "/* Order to\n  canonical */ { }" } };
    expect(summaryOf(node, manifests.map, undefined)).toBe("Order to canonical");
    const noted = { id: "m", type: "map", notes: "Keeps B2B. Drops the rest.", config: { expression: "$[x]" } };
    expect(summaryOf(noted, manifests.map, undefined)).toBe("Keeps B2B.");
    expect(firstWords("/* a */ $sum(\n lines.total)")).toBe("$sum( lines.total)");
  });
});

describe("live numbers", () => {
  const counts = { done: 1, running: 0, waiting: 0, retrying: 0, dead: 0 };
  const status = (done: number, edge: number) => ({
    environment: "dev",
    flow: "f",
    since: "",
    runs: { running: 0, succeeded: 0, partial: 0, dead: 0, cancelled: 0, held: 0 },
    nodes: { a: counts, b: { ...counts, done } },
    edges: { e: edge },
    openDeadLetters: 0,
  });

  it("keep the identity of what did not change, and mark an edge that something has just crossed", () => {
    const first = fromStatus(createLive().getState(), status(1, 1));
    const second = fromStatus(first, status(2, 2));
    expect(second.nodes.a).toBe(first.nodes.a);
    expect(second.nodes.b).not.toBe(first.nodes.b);
    expect(first.edges.e?.active).toBe(false);
    expect(second.edges.e).toEqual({ count: 2, active: true });
    expect(fromStatus(second, status(2, 2)).edges.e?.active).toBe(false);
  });

  it("of one run come from its trace: an edge into a node not reached carried nothing", () => {
    const live = fromTrace(
      {
        nodes: {
          a: { status: "done", inputs: {}, outputs: { out: [1, 2] } },
          b: { status: "notReached", inputs: {}, outputs: {} },
          c: { status: "failed", inputs: { in: [1, 2] }, outputs: {} },
        },
      },
      [
        { id: "ab", ...link("a", "b") },
        { id: "ac", ...link("a", "c") },
      ],
      false,
    );
    expect(live.edges.ab?.count).toBe(0);
    expect(live.edges.ac?.count).toBe(2);
    expect(live.nodes.c).toEqual({ kind: "run", status: "failed" });
    // What is pinned is marked at its node alone, and nothing is said of a node that the flow no longer has.
    const pinned = withPins(live, { a: null, gone: {} });
    expect(pinned.nodes).toEqual({ ...live.nodes, a: { kind: "run", status: "done", pinned: true } });
  });
});

describe("a held run", () => {
  it("is held where it would go on, and nothing else of it changes", () => {
    const node = (status: "done" | "waiting" | "notReached") => ({ status, inputs: {}, outputs: {} });
    const nodes = { a: node("done"), b: node("notReached"), c: node("notReached"), d: node("waiting") };
    const trace = { nodes, reproduces: true, differences: [], omitted: 0 };
    const edges = [
      { id: "ab", ...link("a", "b") },
      { id: "bc", ...link("b", "c") },
    ];
    const statuses = (held: boolean) =>
      Object.values(fromTrace(trace, edges, held).nodes).map((live) => live.kind === "run" && live.status);
    expect(statuses(true)).toEqual(["done", "held", "notReached", "held"]);
    expect(statuses(false)).toEqual(["done", "notReached", "notReached", "waiting"]);
  });
});

describe("what a node is called", () => {
  const called = (flow: Flow) => nodeNames(flow.nodes, new Map(Object.entries(manifests)));

  it("is what its card says, with the id where two say the same, and the id of what is gone", () => {
    const flow = apply(validFlow(), { kind: "setNode", node: "erp", change: { name: "Upsert sales order" } });
    expect(["erp", "route", "review", "gone"].map(called(flow))).toEqual([
      "Upsert sales order",
      "switch",
      "map (review)",
      "gone",
    ]);
  });

  it("is how its edges are spoken of on the canvas", async () => {
    await ready;
    const edges = boardEdges(validFlow(), new Map(Object.entries(manifests)), [], null);
    expect(edges.find(({ source }) => source === "route")?.ariaLabel).toBe("From switch to erp.upsertOrder");
  });
});

describe("what the publish dialog lists", () => {
  it("names changed settings, added and removed nodes and edges, and no moves", () => {
    const before = validFlow();
    let after = apply(before, { kind: "setConfig", node: "canonical", change: { expression: "$" } });
    after = apply(after, { kind: "move", to: { erp: { x: 1, y: 1 } } });
    after = apply(after, { kind: "remove", nodes: ["review"], edges: [] });
    const lines = changeLines(before, after, new Map(Object.entries(manifests)));
    expect(lines.map(({ subject, kind, title, parts }) => [subject, kind, title, parts])).toEqual([
      ["node", "removed", "map (review)", []],
      ["node", "changed", "map (canonical)", ["expression"]],
      ["edge", "removed", "switch.otherwise → map (review).in", []],
    ]);
  });
});
