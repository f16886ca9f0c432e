import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateSegment } from "#nodes/evaluate.ts";
import type { RawResponse, SegmentResult } from "#nodes/plan.ts";
import { sampleCatalog, sampleClock, sampleFlow, samplePlan } from "#nodes/sample.fixture.ts";
import type { Flow, FlowEdge, FlowNode } from "#schemas/flow.ts";
import { outputPorts } from "#schemas/ports.ts";
import { isPublishable, validateFlow } from "#schemas/validate/flow.ts";
import { type DryRun, dryRun } from "./dryRun.ts";
import type { DryTask } from "./dryWalk.ts";

/** Makes any item one that an effect takes. */
const shape = "{ 'number': $substring($string($), 0, 200), 'amounts': [] }";
const parts = (count: number): string =>
  `$map([1..${count}], function($i) {{ 'number': $substring($string($$), 0, 200) & '/' & $string($i), 'amounts': [] }})`;

/** What a flow is drawn from; `then` follows the block, `inner` lies between a split and its join. */
type Block =
  | { kind: "map" | "delay" | "coalesce" | "batch" | "respond"; route: boolean }
  | { kind: "effect" | "read"; route: boolean; from: "out" | "result" }
  | { kind: "switch"; route: boolean; one: Block[]; other: Block[] }
  | { kind: "split"; route: boolean; count: number; inner: Block[]; joined: boolean; incomplete: boolean };

const route = fc.boolean();

const blocks = (depth: number): fc.Arbitrary<Block[]> => fc.array(block(depth), { minLength: 0, maxLength: depth > 1 ? 3 : 2 });

const block = (depth: number): fc.Arbitrary<Block> => {
  const simple: fc.Arbitrary<Block>[] = [
    fc.record({ kind: fc.constantFrom("map" as const, "map" as const, "delay" as const, "coalesce" as const), route }),
    fc.record({ kind: fc.constantFrom("effect" as const, "read" as const), route, from: fc.constantFrom("out", "result") }),
    fc.record({ kind: fc.constantFrom("respond" as const, "batch" as const), route }),
  ];
  if (depth === 0) return fc.oneof(...simple);
  const inner = blocks(depth - 1);
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
interface End {
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
      return single("book.post", { series: "A" }, one.from, { slot: "erp" });
    case "read":
      return single("book.find", {}, one.from, { slot: "erp" });
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

const context = { manifests: sampleCatalog.manifests, connectors: sampleCatalog.connectors };
const ends = (flow: Flow): End[] =>
  flow.nodes.flatMap((node) => {
    const manifest = sampleCatalog.manifests[node.type];
    return manifest ? outputPorts(manifest, node).map(({ name }) => ({ node: node.id, port: name })) : [];
  });

/** A publishable flow of those blocks, some with an exception route and with edges drawn across, as far as they are allowed. */
const flows: fc.Arbitrary<Flow> = fc
  .record({
    main: blocks(3),
    caught: fc.option(blocks(1), { nil: undefined }),
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
      const outs = ends(flow);
      const from = outs[a % outs.length];
      const to = flow.nodes[b % flow.nodes.length];
      if (!from || !to) continue;
      const edge = { id: `x${flow.edges.length}`, from, to: { node: to.id, port: "in" } };
      const drawn = { ...flow, edges: [...flow.edges, edge] };
      if (isPublishable(validateFlow(drawn, context))) flow = drawn;
    }
    return flow;
  })
  .filter((flow) => isPublishable(validateFlow(flow, context)));

const answers: Record<string, RawResponse | undefined> = {
  ok: { status: 200, headers: {}, body: '{"id":"so-1"}' },
  rejected: { status: 400, headers: {}, body: '{"text":"no"}' },
  rateLimited: { status: 429, headers: {}, body: "{}" },
  duplicate: { status: 409, headers: {}, body: "{}" },
  transient: { status: 503, headers: {}, body: "" },
  garbage: { status: 200, headers: {}, body: "<html>" },
  gone: undefined,
};

/** What the run was told, in the order of its tasks. */
interface Told {
  run: DryRun;
  flow: Flow;
  segments: SegmentResult[];
}

async function told(flow: Flow, outcomes: readonly string[], broken: readonly boolean[]): Promise<Told> {
  const segments: SegmentResult[] = [];
  let asked = 0;
  const run = await dryRun(samplePlan(flow), { id: 1 }, sampleClock, {
    perform: async () => {
      const answer = answers[outcomes[asked % outcomes.length] ?? "ok"];
      asked += 1;
      if (!answer) throw new Error("The connection was reset.");
      return answer;
    },
    evaluate: async (plan, job) => {
      const result = await evaluateSegment(plan, job);
      const node = flow.edges.find(({ from }) => from.node === job.entry.node && from.port === job.entry.port)?.to.node;
      const fails = broken[segments.length % broken.length] === true && result.ok && node !== undefined;
      const reason = { code: "map.nothing", message: "Nothing." };
      const { ports = {} } = result;
      const given: SegmentResult = fails
        ? { ok: false, node, item: job.item, class: "invalid", reason, edges: [], ports }
        : result;
      segments.push(given);
      return given;
    },
  });
  return { run, flow, segments };
}

const wired = (flow: Flow, node: string, port: string): boolean =>
  flow.edges.some(({ from }) => from.node === node && from.port === port);

/** How many tasks must come of a segment that was evaluated well. */
function following({ flow }: Told, result: Extract<SegmentResult, { ok: true }>): number {
  const ofControls = result.controls.map(({ node, act }): number => {
    if (act.act === "respond") return 0;
    if (act.act === "delay") return wired(flow, node, "out") ? 1 : 0;
    if (act.act !== "split") return 1;
    const joined = flow.nodes.some((each) => each.type === "join" && each.config?.split === node);
    return (joined ? 1 : 0) + (wired(flow, node, "item") ? act.items.length : 0);
  });
  return ofControls.reduce((sum, each) => sum + each, result.effects.length);
}

/** Whether a failure took these tasks on: one task, behind an error way. */
const tookErrorWay = ([only, ...more]: readonly DryTask[]): boolean =>
  more.length === 0 && (only?.port === "error" || only?.node === "caught");

/** Every item is in what follows it or in a failure: never in neither, never in both. */
function conserves(all: Told): void {
  const { run, flow, segments } = all;
  const children = (id: number) => run.tasks.filter((task) => task.parent === id);
  const dead = run.tasks.filter((task) => task.state === "DEAD");
  expect(dead.map(({ itemPath }) => itemPath).sort()).toEqual(run.failures.map(({ itemPath }) => itemPath).sort());
  for (const task of dead) expect(children(task.id)).toEqual([]);
  let index = 0;
  let routed = 0;
  for (const task of run.tasks) {
    const next = children(task.id);
    const result = task.kind === "segment" ? segments[index++] : undefined;
    if (task.state === "DEAD") continue;
    if (result?.ok) expect(next).toHaveLength(following(all, result));
    else if (result || tookErrorWay(next)) {
      expect(tookErrorWay(next)).toBe(true);
      routed += 1;
    } else if (task.kind === "effect") {
      expect(next).toHaveLength(["out", "result"].filter((port) => wired(flow, task.node, port)).length);
    } else expect(next.length).toBe(ends(flow).some((end) => carries(all, task, end)) ? 1 : 0);
  }
  expect(routed).toBe(run.routed.length);
}

/** Whether what a control task made goes on through that port. */
function carries({ run, flow }: Told, task: DryTask, { node, port }: End): boolean {
  if (node !== task.node || !wired(flow, node, port) || port === "error") return false;
  if (nodeType(flow, node) !== "join") return true;
  // An arrival ends in the list; what fires carries the list, or what is missing of it.
  return task.port === null && run.tasks.some((next) => next.parent === task.id && next.port === port);
}

const nodeType = (flow: Flow, id: string): string | undefined => flow.nodes.find((node) => node.id === id)?.type;

/** A join goes on or fails once for each time that its split was done, with all that arrived. */
function firesOnce({ run, flow, segments }: Told): void {
  for (const join of flow.nodes.filter(({ type }) => type === "join")) {
    const splits = segments.flatMap((result) =>
      result.ok ? result.controls.filter(({ node, act }) => act.act === "split" && node === join.config?.split) : [],
    );
    const fires = run.tasks.filter((task) => task.node === join.id && task.port === null);
    expect(fires).toHaveLength(splits.length);
    const { out = [], incomplete = [] } = run.nodes[join.id]?.outputs ?? {};
    const failed = [...run.failures, ...run.routed].filter(
      ({ node, reason }) => node === join.id && reason.code === "join.incomplete",
    );
    expect(out.length + incomplete.length + failed.length).toBe(splits.length);
    const arrivals = run.tasks.filter((task) => task.node === join.id && task.port === "in").length;
    const gathered = [...out, ...incomplete.map((one) => (one as { items: unknown }).items)].flat().length;
    if (failed.length === 0) expect(gathered).toBe(arrivals);
    else expect(gathered).toBeLessThanOrEqual(arrivals);
  }
}

const outcome = fc.constantFrom(...Object.keys(answers));
const mostlyWell = fc.oneof({ weight: 3, arbitrary: fc.constant("ok") }, outcome);

test("any flow with any outcomes ends, its joins fire once, and no item is lost or in two places", async () => {
  const seen = { splits: 0, joins: 0, incomplete: 0, routed: 0, dead: 0 };
  await fc.assert(
    fc.asyncProperty(
      flows,
      fc.array(mostlyWell, { minLength: 1, maxLength: 12 }),
      fc.array(
        fc.nat(9).map((rank) => rank === 0),
        { minLength: 1, maxLength: 12 },
      ),
      async (flow, outcomes, broken) => {
        const all = await told(flow, outcomes, broken);
        const { run } = all;
        expect(run.waiting).toBe(false);
        expect(run.tasks.filter((task) => task.state === "WAITING")).toEqual([]);
        // What validation lets through never reaches a join on a way around its split.
        expect([...run.failures, ...run.routed].filter(({ reason }) => reason.code === "join.outside")).toEqual([]);
        expect(run.state === "SUCCEEDED").toBe(run.failures.length === 0);
        conserves(all);
        firesOnce(all);
        const fired = run.tasks.filter((task) => task.kind === "control" && task.port === null);
        seen.joins += fired.length;
        seen.incomplete += run.failures.filter(({ reason }) => reason.code === "join.incomplete").length;
        seen.routed += run.routed.length;
        seen.dead += run.failures.length;
        seen.splits += run.tasks.some((task) => task.itemPath.split("/").length > 2) ? 1 : 0;
      },
    ),
    { numRuns: 1_000 },
  );
  // The flows drawn are not trivial ones: splits in splits, joins that miss items, errors that were routed.
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
}, 120_000);
