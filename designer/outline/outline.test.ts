import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffFlows } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import { manifests as byType, controlManifests, validFlow } from "#schemas/sampleFlow.fixture.ts";
import { anyFlow, operation } from "../canvas/anyFlow.fixture.ts";
import { apply } from "../canvas/operations.ts";
import { places } from "../canvas/places.ts";
import { refusal } from "../canvas/validity.ts";
import { additionAt, joiningsAt } from "./add.ts";
import { choosableBeside, extended, pickedOf, toggled } from "./choosing.ts";
import { moveOf } from "./move.ts";
import { outlineKeyOf } from "./outlineKeys.ts";
import { boardKey, boardOf, readingOrder, rowsOf } from "./rows.ts";
import { originsOf, targetsOf } from "./targets.ts";
import { toldOf } from "./told.ts";

const manifests = new Map(Object.entries({ ...byType, ...controlManifests }));

/** Flows of maps, drawn forwards: any such drawing is one without a circle. */
const drawn: fc.Arbitrary<Flow> = fc
  .record({
    size: fc.integer({ min: 1, max: 9 }),
    pairs: fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 14 }),
    heights: fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 9, maxLength: 9 }),
  })
  .map(({ size, pairs, heights }) => {
    const nodes = Array.from({ length: size }, (_, at) => ({ id: `n${at}`, type: "map", config: { expression: "$" } }));
    const flow: Flow = { ...validFlow(), nodes, edges: [], layout: { nodes: {} } };
    const layout = Object.fromEntries(nodes.map(({ id }, at) => [id, { x: 0, y: heights[at] ?? 0 }]));
    return pairs.reduce<Flow>(
      (before, [a, b]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        if (from === to) return before;
        const edge = { id: `e${from}_${to}`, from: { node: `n${from}`, port: "out" }, to: { node: `n${to}`, port: "in" } };
        return apply(before, { kind: "connect", edge });
      },
      { ...flow, layout: { nodes: layout } },
    );
  });

const pick = (flow: Flow, at: number): string => flow.nodes[at % flow.nodes.length]?.id ?? "";

function manifestOf(type: string) {
  const manifest = manifests.get(type);
  if (!manifest) throw new Error(type);
  return manifest;
}

const ends = (flow: Flow) => flow.edges.map(({ from, to }) => `${from.node}.${from.port} ${to.node}.${to.port}`).sort();

describe("the rows of the outline", () => {
  it("name each node once, and none before all that leads to it", () => {
    fc.assert(
      fc.property(drawn, (flow) => {
        const order = readingOrder(flow, manifests).map(({ id }) => id);
        expect([...order].sort()).toEqual(flow.nodes.map(({ id }) => id).sort());
        for (const { from, to } of flow.edges) expect(order.indexOf(from.node)).toBeLessThan(order.indexOf(to.node));
      }),
    );
  });

  it("follow a branch to its end before the next one, and lose no node on a circle", () => {
    const flow = validFlow();
    expect(readingOrder(flow, manifests).map(({ id }) => id)).toEqual([
      "orders",
      "canonical",
      "invariants",
      "route",
      "erp",
      "review",
    ]);
    const back = { id: "back", from: { node: "invariants", port: "valid" }, to: { node: "canonical", port: "in" } };
    const circle = { ...flow, edges: [...flow.edges, back] };
    expect(readingOrder(circle, manifests)).toHaveLength(flow.nodes.length);
  });

  it("unfold to every edge and to each output that leads nowhere", () => {
    const rows = rowsOf(validFlow(), manifests, new Set(["route", "erp"]));
    const below = rows.filter(({ kind }) => kind !== "node").map((row) => row.key);
    expect(below).toEqual(["edge e4", "edge e5", "free erp out", "free erp result"]);
    expect(rows.find(({ key }) => key === "node route")).toMatchObject({ place: 4, below: 2 });
  });

  it("show an edge whose port is gone, so that it can be taken away", () => {
    const flow = apply(validFlow(), { kind: "setConfig", node: "route", change: { cases: [] } });
    expect(rowsOf(flow, manifests, new Set(["route"])).map(({ key }) => key)).toContain("edge e4");
  });
});

describe("where an output may lead", () => {
  it("is offered just where an edge may be drawn, and refused with a reason elsewhere", () => {
    fc.assert(
      fc.property(drawn, fc.nat(8), (flow, at) => {
        const from = { node: pick(flow, at), port: "out" };
        const order = readingOrder(flow, manifests).map(({ id }) => id);
        const targets = targetsOf(flow, from, manifests, order);
        expect(targets).toHaveLength(flow.nodes.length);
        for (const { at: to, why } of targets) expect(why).toBe(refusal(flow, { from, to }));
        const offered = targets.findLastIndex(({ why }) => why === null);
        expect(targets.slice(0, offered + 1).every(({ why }) => why === null)).toBe(true);
      }),
    );
  });

  it("is, for an edge that stands, also what it leads to, and the other way round for where it comes from", () => {
    const flow = validFlow();
    const order = flow.nodes.map(({ id }) => id);
    const edge = flow.edges.find(({ id }) => id === "e4");
    if (!edge) throw new Error("e4");
    const why = (ends: ReturnType<typeof targetsOf>) =>
      Object.fromEntries(ends.map(({ at, why: refused }) => [at.node, refused]));
    const targets = why(targetsOf(flow, edge.from, manifests, order, edge.id));
    expect([targets.erp, targets.review, targets.canonical, targets.orders]).toEqual([null, null, "circle", "noInput"]);
    const origins = why(originsOf(flow, edge.to, manifests, order, edge.id));
    expect([origins.orders, origins.erp]).toEqual([null, "self"]);
  });

  it("is never a source", () => {
    const targets = targetsOf(validFlow(), { node: "erp", port: "out" }, manifests, ["orders", "review"]);
    expect(targets.map(({ at, why }) => [at.node, why])).toEqual([
      ["review", null],
      ["orders", "noInput"],
    ]);
  });
});

describe("a node that changes places", () => {
  it("goes back by the opposite way, whatever the flow; the flow keeps its nodes and its number of edges", () => {
    fc.assert(
      fc.property(drawn, fc.nat(8), fc.constantFrom<-1 | 1>(-1, 1), (flow, at, by) => {
        const id = pick(flow, at);
        const there = moveOf(flow, id, by, manifests);
        if (!there.ok) return;
        const moved = apply(flow, there.operation);
        expect(moved).not.toBe(flow);
        expect(moved.edges).toHaveLength(flow.edges.length);
        const back = moveOf(moved, id, by === 1 ? -1 : 1, manifests);
        if (!back.ok) throw new Error(back.why);
        const again = apply(moved, back.operation);
        expect(ends(again)).toEqual(ends(flow));
        expect(places(again)).toEqual(places(flow));
      }),
    );
  });

  it("takes over what led to the other, and says why it cannot where it cannot", () => {
    const flow = validFlow();
    const move = moveOf(flow, "invariants", -1, manifests);
    if (!move.ok) throw new Error(move.why);
    expect(ends(apply(flow, move.operation)).slice(0, 3)).toEqual([
      "canonical.out route.in",
      "invariants.valid canonical.in",
      "orders.out invariants.in",
    ]);
    const why = (id: string, by: -1 | 1) => {
      const refused = moveOf(flow, id, by, manifests);
      return refused.ok ? null : refused.why;
    };
    expect([why("canonical", -1), why("orders", -1), why("erp", -1), why("erp", 1)]).toEqual(["start", "end", "fork", "end"]);
  });

  it("is moved whole or not at all", () => {
    const flow = validFlow();
    const edge = { id: "e1", from: { node: "orders", port: "out" }, to: { node: "gone", port: "in" } };
    const other = { id: "e2", from: { node: "orders", port: "out" }, to: { node: "invariants", port: "in" } };
    expect(apply(flow, { kind: "rewire", edges: [other, edge], at: {} })).toBe(flow);
  });
});

describe("a node added in the outline", () => {
  const map = manifestOf("map");
  const added = (flow: Flow, key: string, type = "map") => {
    const row = rowsOf(flow, manifests, new Set(flow.nodes.map(({ id }) => id))).find((one) => one.key === key);
    if (!row) throw new Error(key);
    const { operation, id } = additionAt(
      flow,
      manifestOf(type),
      joiningsAt(row, flow, manifests)[0]?.spot ?? { kind: "free" },
      manifests,
    );
    return { id, after: apply(flow, operation) };
  };

  it("follows the node it was added at, and covers no card", () => {
    fc.assert(
      fc.property(drawn, fc.nat(8), (flow, at) => {
        const before = pick(flow, at);
        const { operation, id } = additionAt(flow, map, { kind: "behind", node: before }, manifests);
        const after = apply(flow, operation);
        expect(ends(after)).toContain(`${before}.out ${id}.in`);
        const mine = places(after)[id] ?? { x: 0, y: 0 };
        const hit = Object.values(places(flow)).filter(({ x, y }) => Math.abs(x - mine.x) < 240 && Math.abs(y - mine.y) < 136);
        expect(hit).toEqual([]);
      }),
    );
  });

  it("goes onto the edge of the row, to the output of the row, or stands alone where it takes nothing in", () => {
    const flow = validFlow();
    const onEdge = added(flow, "edge e4");
    expect(ends(onEdge.after)).toEqual(expect.arrayContaining([`route.ship ${onEdge.id}.in`, `${onEdge.id}.out erp.in`]));
    const atOutput = added(flow, "free erp result");
    expect(ends(atOutput.after)).toContain(`erp.result ${atOutput.id}.in`);
    expect(ends(added(flow, "node erp", "shop.orderCreated").after)).toEqual(ends(flow));
  });
});

describe("where a node may be added at a row", () => {
  const ways = (flow: Flow, key: string) => {
    const row = rowsOf(flow, manifests, new Set(flow.nodes.map(({ id }) => id))).find((one) => one.key === key);
    return joiningsAt(row, flow, manifests).map(({ way }) => way);
  };

  it("is behind it, before it or apart from it, as far as it lets something in or out", () => {
    const flow = validFlow();
    expect([ways(flow, "node orders"), ways(flow, "node erp"), ways(flow, "edge e4"), ways(flow, "")]).toEqual([
      ["behind", "alone"],
      ["behind", "before", "alone"],
      ["onEdge", "alone"],
      ["alone"],
    ]);
  });

  it("before a node is on the edge that leads to it, or at its open input", () => {
    const flow = validFlow();
    const spotBefore = (of: Flow, id: string) => {
      const row = rowsOf(of, manifests, new Set()).find(({ key }) => key === `node ${id}`);
      return joiningsAt(row, of, manifests).find(({ way }) => way === "before")?.spot;
    };
    expect(spotBefore(flow, "erp")).toEqual({ kind: "edge", edge: "e4" });
    const open = apply(flow, { kind: "remove", nodes: [], edges: ["e4"] });
    expect(spotBefore(open, "erp")).toEqual({ kind: "input", node: "erp", port: "in" });
    const { operation, id } = additionAt(open, manifestOf("map"), { kind: "input", node: "erp", port: "in" }, manifests);
    const after = apply(open, operation);
    expect(ends(after)).toContain(`${id}.out erp.in`);
    expect(places(after)[id]?.x).toBeLessThan(places(after).erp?.x ?? 0);
  });
});

describe("what is told of a change", () => {
  it("is something for whatever a version is made of and for what is written and framed, nothing for where it stands", () => {
    const written = ({ edges, layout }: Flow) =>
      JSON.stringify([
        layout?.notes?.map(({ id, text }) => [id, text]) ?? [],
        layout?.groups?.map(({ id, title, folded }) => [id, title, folded ?? false]) ?? [],
        edges.map(({ id }) => layout?.edges?.[id]?.label ?? ""),
      ]);
    fc.assert(
      fc.property(anyFlow, operation, (before, one) => {
        const after = apply(before, one);
        const { layoutOnly, identical } = diffFlows(before, after);
        const told = (!layoutOnly && !identical) || written(before) !== written(after);
        expect(toldOf(before, after).length > 0).toBe(told);
      }),
    );
  });

  it("names what was done, and not the edges that went with a node", () => {
    const flow = validFlow();
    expect(toldOf(flow, apply(flow, { kind: "remove", nodes: ["route"], edges: [] }))).toEqual([
      { what: "removed", node: "route" },
    ]);
    expect(toldOf(flow, apply(flow, { kind: "setNode", node: "erp", change: { name: "Book", disabled: true } }))).toEqual([
      { what: "renamed", node: "erp" },
      { what: "disabled", node: "erp" },
    ]);
    const edge = { id: "n", from: { node: "erp", port: "out" }, to: { node: "review", port: "in" } };
    expect(toldOf(flow, apply(flow, { kind: "connect", edge }))).toEqual([{ what: "connected", from: "erp", to: "review" }]);
  });
});

describe("rows that are chosen", () => {
  const rows = rowsOf(validFlow(), manifests, new Set(["route"]));
  const row = (key: string) => {
    const found = rows.find((one) => one.key === key);
    if (!found) throw new Error(key);
    return found;
  };

  it("grow with Shift over nodes alone, shrink on the way back, and are what is done to; else the current row is", () => {
    const next = choosableBeside(rows, row("node route"), 1);
    expect(next?.key).toBe("node erp");
    const both = extended(new Set(), row("node route"), row("node erp"));
    expect(pickedOf(both, row("node orders"))).toEqual({ board: ["route", "erp"], edges: [] });
    expect([...extended(both, row("node erp"), row("node route"))]).toEqual(["route"]);
    expect([...toggled(both, row("node erp"))]).toEqual(["route"]);
    expect(pickedOf(new Set(), row("edge e4"))).toEqual({ board: [], edges: ["e4"] });
    expect(pickedOf(new Set(), row("node erp"))).toEqual({ board: ["erp"], edges: [] });
  });

  it("are groups and notes too, which stand behind the nodes", () => {
    const note = { id: "why", text: "Why", x: 0, y: 0, width: 200, height: 100 };
    const group = { id: "booking", title: "Booking", nodes: ["erp"] };
    const flow = { ...validFlow(), layout: { nodes: {}, notes: [note], groups: [group] } };
    const [first, second] = rowsOf(flow, manifests, new Set()).slice(-2);
    expect([first?.key, second?.key, second?.place]).toEqual(["group booking", "note why", flow.nodes.length + 2]);
    expect([first && boardOf(first), second && boardOf(second)]).toEqual(["group:booking", "note:why"]);
    expect(boardKey("note:why")).toBe("note why");
  });
});

describe("the keys of the outline", () => {
  const key = (name: string, more = {}) =>
    outlineKeyOf({ key: name, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...more });

  it("walk and choose, and leave to the browser, the actions and the editor what is theirs", () => {
    expect(key("ArrowUp")).toBe("up");
    expect(key("ArrowUp", { altKey: true })).toBeNull();
    expect(key("E")).toBe("switch");
    expect(key("c", { ctrlKey: true })).toBeNull();
    expect(key("Tab")).toBeNull();
    expect(key("ArrowDown", { shiftKey: true })).toBe("chooseDown");
    expect(key("A", { shiftKey: true })).toBeNull();
  });
});
