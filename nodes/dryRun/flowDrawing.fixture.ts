import fc from "fast-check";
import type { Catalog } from "#nodes/lock.ts";
import { sampleFlow } from "#nodes/sample.fixture.ts";
import type { Flow, FlowEdge, FlowNode } from "#schemas/flow.ts";
import { outputPorts } from "#schemas/ports.ts";
import { isPublishable, validateFlow } from "#schemas/validate/flow.ts";

/** Makes any item one that an effect takes. */
const shape = "{ 'number': $substring($string($), 0, 200), 'amounts': [] }";
/** Documents that are the same in every run: the same request comes of them. */
const documents = (count: number): string => `[1..${count}].{ 'number': 'document ${count}/' & $string($) }`;
const parts = (count: number): string =>
  `$map([1..${count}], function($i) {{ 'number': $substring($string($$), 0, 200) & '/' & $string($i), 'amounts': [] }})`;

/** What a flow is drawn from; `inner` lies between a split and its join. */
type Block =
  | { kind: "map" | "delay" | "coalesce" | "batch" | "respond" | "wait" | "call"; route: boolean }
  | { kind: "effect"; route: boolean; from: "out" | "result"; type: string }
  | { kind: "many"; route: boolean; type: string; count: number }
  | { kind: "switch"; route: boolean; one: Block[]; other: Block[] }
  | { kind: "split"; route: boolean; count: number; inner: Block[]; joined: boolean; incomplete: boolean };

/** Of what flows are drawn. */
export interface Palette {
  catalog: Catalog;
  /** Types of effect nodes at the slot `erp`, and how many of them come for one other block. */
  effects: readonly string[];
  share: number;
  /** Type of an effect node that takes many documents in one request, and how many of them come for one other block. */
  many?: { type: string; share: number };
  /** Other runs take part: waits for messages of the source `receipts`, and calls of the flow `below`. */
  others: boolean;
}

const route = fc.boolean();

const blocks = (palette: Palette, depth: number, minLength = 0): fc.Arbitrary<Block[]> =>
  fc.array(block(palette, depth), { minLength, maxLength: depth > 1 ? 3 : 2 });

const block = (palette: Palette, depth: number): fc.Arbitrary<Block> => {
  const simple: fc.Arbitrary<Block>[] = [
    fc.record({ kind: fc.constantFrom("map" as const, "map" as const, "delay" as const, "coalesce" as const), route }),
    ...new Array<fc.Arbitrary<Block>>(palette.share).fill(
      fc.record({
        kind: fc.constant("effect" as const),
        route,
        from: fc.constantFrom("out", "result"),
        type: fc.constantFrom(...palette.effects),
      }),
    ),
    fc.record({ kind: fc.constantFrom("respond" as const, "batch" as const), route }),
    ...new Array<fc.Arbitrary<Block>>(palette.many?.share ?? 0).fill(
      fc.record({
        kind: fc.constant("many" as const),
        route,
        type: fc.constant(palette.many?.type ?? ""),
        count: fc.integer({ min: 1, max: 4 }),
      }),
    ),
    ...(palette.others ? [fc.record({ kind: fc.constantFrom("wait" as const, "call" as const), route })] : []),
  ];
  if (depth === 0) return fc.oneof(...simple);
  const inner = blocks(palette, depth - 1);
  return fc.oneof(...simple, fc.record({ kind: fc.constant("switch" as const), route, one: inner, other: inner }), {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("split" as const),
      route,
      count: fc.nat(3),
      inner,
      joined: fc.boolean(),
      incomplete: fc.boolean(),
    }),
  });
};

interface Drawing {
  nodes: FlowNode[];
  edges: FlowEdge[];
}
export interface End {
  node: string;
  port: string;
}

function draw(drawing: Drawing, list: readonly Block[], ends: End[]): End[] {
  return list.reduce((open, one) => (open.length === 0 ? open : drawBlock(drawing, one, open)), ends);
}

function add(
  { nodes, edges }: Drawing,
  type: string,
  config: Record<string, unknown>,
  from: readonly End[],
  more: Partial<FlowNode> = {},
): string {
  const id = `n${nodes.length}`;
  nodes.push({ id, type, config, ...more });
  for (const end of from) edges.push({ id: `e${edges.length}`, from: end, to: { node: id, port: "in" } });
  return id;
}

/** Draws a block behind what is open, and gives what is open then. An error way goes on beside the others. */
function drawBlock(drawing: Drawing, one: Block, from: End[]): End[] {
  const more: Partial<FlowNode> = one.route ? { onError: "route" } : {};
  const error = (node: string): End[] => (one.route ? [{ node, port: "error" }] : []);
  const single = (type: string, config: Record<string, unknown>, port = "out", rest: Partial<FlowNode> = {}): End[] => {
    const node = add(drawing, type, config, from, { ...more, ...rest });
    return [{ node, port }, ...error(node)];
  };
  switch (one.kind) {
    case "map":
      return single("map", { expression: shape });
    case "delay":
      return single("delay", { seconds: 5 });
    case "coalesce":
      return single("coalesce", { key: "$string($)" });
    case "batch":
      return single("batch", {});
    case "respond":
      return single("respond", {}, "none").filter(({ port }) => port !== "none");
    case "effect":
      return single(one.type, one.type === "book.find" ? {} : { series: "A" }, one.from, { slot: "erp" });
    case "many": {
      const made = add(drawing, "map", { expression: documents(one.count) }, from);
      const node = add(drawing, one.type, {}, [{ node: made, port: "out" }], { ...more, slot: "erp" });
      const after = add(drawing, "map", { expression: shape }, [{ node, port: "out" }]);
      return [{ node: after, port: "out" }, ...error(node)];
    }
    case "call":
      return single("sub-flow", { flow: "below" });
    case "wait": {
      const node = add(drawing, "wait", { key: "'key'", messageKey: "'key'", timeoutSeconds: 60, keepSeconds: 60 }, from, more);
      const receipts = { id: "receipts", type: "stall.orderCreated", slot: "shop" };
      if (!drawing.nodes.some(({ id }) => id === receipts.id)) drawing.nodes.push(receipts);
      drawing.edges.push({
        id: `e${drawing.edges.length}`,
        from: { node: "receipts", port: "out" },
        to: { node, port: "message" },
      });
      return [...["out", "timeout", "unmatched"].map((port) => ({ node, port })), ...error(node)];
    }
    case "switch": {
      const node = add(drawing, "switch", { cases: [{ port: "one", when: "$length($string($)) % 2 = 0" }] }, from, more);
      const ways = [draw(drawing, one.one, [{ node, port: "one" }]), draw(drawing, one.other, [{ node, port: "otherwise" }])];
      return [...ways.flat(), ...error(node)];
    }
    case "split": {
      const node = add(drawing, "split", { items: parts(one.count) }, from, more);
      const inner = draw(drawing, one.inner, [{ node, port: "item" }]);
      if (!one.joined) return [...inner, ...error(node)];
      const join = add(drawing, "join", { split: node }, inner);
      return [{ node: join, port: "out" }, ...(one.incomplete ? [{ node: join, port: "incomplete" }] : []), ...error(node)];
    }
  }
}

/** The output ports of a flow's nodes. */
export const endsOf = ({ manifests }: Catalog, flow: Flow): End[] =>
  flow.nodes.flatMap((node) => {
    const manifest = manifests[node.type];
    return manifest ? outputPorts(manifest, node).map(({ name }) => ({ node: node.id, port: name })) : [];
  });

/** A publishable flow of those blocks, some with an exception route and with edges drawn across, as far as they are allowed. */
export const flowsOf = (palette: Palette): fc.Arbitrary<Flow> => {
  const { catalog } = palette;
  const isWhole = (flow: Flow): boolean => isPublishable(validateFlow(flow, catalog));
  return fc
    .record({
      main: blocks(palette, 3, 1),
      caught: fc.option(blocks(palette, 1), { nil: undefined }),
      classes: fc.subarray(["rejected", "invalid", "transient"]),
      across: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }),
    })
    .map(({ main, caught, classes, across }) => {
      const drawing: Drawing = { nodes: [{ id: "orders", type: "stall.orderCreated", slot: "shop" }], edges: [] };
      draw(drawing, [{ kind: "map", route: false }, ...main], [{ node: "orders", port: "out" }]);
      if (caught) {
        drawing.nodes.push({ id: "caught", type: "exception-route", config: { classes } });
        draw(drawing, [{ kind: "map", route: false }, ...caught], [{ node: "caught", port: "out" }]);
      }
      let flow: Flow = { ...sampleFlow, slots: sampleFlow.slots, ...drawing };
      for (const [a, b] of across) {
        const outs = endsOf(catalog, flow);
        const from = outs[a % outs.length];
        const to = flow.nodes[b % flow.nodes.length];
        if (!from || !to) continue;
        const edge = { id: `x${flow.edges.length}`, from, to: { node: to.id, port: "in" } };
        const drawn = { ...flow, edges: [...flow.edges, edge] };
        if (isWhole(drawn)) flow = drawn;
      }
      return flow;
    })
    .filter(isWhole);
};
