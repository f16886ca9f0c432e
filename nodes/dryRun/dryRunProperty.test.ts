import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateSegment } from "#nodes/evaluate.ts";
import type { RawResponse, SegmentResult } from "#nodes/plan.ts";
import { sampleCatalog, sampleClock, samplePlan } from "#nodes/sample.fixture.ts";
import type { Flow } from "#schemas/flow.ts";
import { type DryRun, dryRun } from "./dryRun.ts";
import type { DryTask } from "./dryWalk.ts";
import { type End, endsOf, flowsOf, type Palette } from "./flowDrawing.fixture.ts";

const drawn: Palette = { catalog: sampleCatalog, effects: ["book.post", "book.find"], share: 1, others: false };

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
    } else expect(next.length).toBe(endsOf(sampleCatalog, flow).some((end) => carries(all, task, end)) ? 1 : 0);
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
      flowsOf(drawn),
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
