import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Plan, SegmentJob } from "#nodes/plan.ts";
import { sampleClock, sampleFlow, samplePlan } from "#nodes/sample.fixture.ts";
import { fromRoot } from "#runtime/root.ts";
import { buildServer } from "../../test/support/orderloom.ts";
import { EvaluatorDied, type Evaluators, EvaluatorsAway, startEvaluators } from "./pool.ts";

const order = { id: 7, amounts: ["1.10", "2.20"], paid: true };
const script = fromRoot("dist/evaluator.js");

let evaluators: Evaluators | undefined;
beforeAll(buildServer);
afterEach(async () => {
  await evaluators?.close();
  evaluators = undefined;
});

function start(more: Partial<Parameters<typeof startEvaluators>[0]> = {}): Evaluators {
  evaluators = startEvaluators({ script, processes: 1, heapMb: 64, timeoutMs: 1_500, ...more });
  return evaluators;
}

/** The sample plan, with another expression in its map node and a key of its own. */
function planWith(expression: string): Plan {
  const flow = structuredClone(sampleFlow);
  const shape = flow.nodes.find((node) => node.id === "shape");
  if (shape) shape.config = { expression };
  return samplePlan(flow);
}

const jobFor = (plan: Plan, item: unknown = order): SegmentJob => ({
  planKey: plan.key,
  entry: { node: "orders", port: "out" },
  item,
  clock: sampleClock,
});

describe("evaluators", () => {
  it("evaluate segments, give equal results equal fingerprints, and learn a plan they lack", async () => {
    const { segment } = start();
    const plan = samplePlan();
    const [first, second] = await Promise.all([segment(plan, jobFor(plan)), segment(plan, jobFor(plan))]);
    expect(first.result).toMatchObject({ ok: true, effects: [{ node: "erp" }] });
    expect(second.hash).toBe(first.hash);
    // A traced evaluation has more to tell, and the same fingerprint.
    expect((await segment(plan, { ...jobFor(plan), trace: true })).hash).toBe(first.hash);
    expect((await segment(plan, jobFor(plan, { ...order, id: 8 }))).hash).not.toBe(first.hash);
    const other = planWith("$merge([$, {'number': 'other'}])");
    const results = await Promise.all([segment(other, jobFor(other)), segment(plan, jobFor(plan))]);
    expect(results[1]?.hash).toBe(first.hash);
    expect(results[0]?.hash).not.toBe(first.hash);
  });

  it("a plan forgotten by an evaluator is sent again", async () => {
    const { segment } = start();
    const plan = samplePlan();
    const { hash } = await segment(plan, jobFor(plan));
    for (let index = 0; index < 70; index++) {
      const other = { ...plan, key: `other ${index}` };
      await segment(other, jobFor(other));
    }
    expect((await segment(plan, jobFor(plan))).hash).toBe(hash);
  });

  it.each([
    [
      "a memory bomb",
      "($double := function($s, $n) { $n = 0 ? $s : $double($s & $s, $n - 1) }; [1..90000].($string($) & $double('xxxxxxxx', 12)))",
    ],
    ["a result larger than any heap", "[1..99999].[1..99].{'a': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'}"],
  ])(
    "incident: a memory bomb in an expression; %s costs its own evaluator and leaves its neighbours unharmed",
    async (_what, expression) => {
      const { segment } = start();
      const bomb = planWith(expression);
      const plan = samplePlan();
      const jobs = [
        segment(plan, jobFor(plan)),
        segment(bomb, jobFor(bomb)).catch((error: unknown) => error),
        segment(plan, jobFor(plan, { ...order, id: 9 })),
      ];
      const [before, harmful, after] = await Promise.all(jobs);
      expect(before).toMatchObject({ result: { ok: true } });
      expect(after).toMatchObject({ result: { ok: true } });
      // Either its guards stopped it with a reason, or the evaluator died of it alone.
      if (harmful instanceof Error) expect(harmful).toBeInstanceOf(EvaluatorDied);
      else expect(harmful).toMatchObject({ result: { ok: false, node: "shape" } });
      expect(await segment(plan, jobFor(plan))).toMatchObject({ result: { ok: true } });
    },
  );

  it("an endless loop is ended by the wall clock, and the next job finds an evaluator", async () => {
    const { segment } = start({ timeoutMs: 2_000 });
    const loop = planWith("($f := function($n) { $f($n + 1) }; $f(0))");
    const plan = samplePlan();
    await expect(segment(loop, jobFor(loop))).rejects.toBeInstanceOf(EvaluatorDied);
    expect(await segment(plan, jobFor(plan))).toMatchObject({ result: { ok: true } });
  });

  it("incident: a regular expression that backtracks for ever", async () => {
    const { segment } = start();
    const plan = planWith("$match(id, /^(a+)+$/)");
    const begun = performance.now();
    await segment(plan, jobFor(plan, { id: `${"a".repeat(20_000)}!` })).catch(() => {});
    await segment(plan, jobFor(plan, { id: `${"a".repeat(20_000)}!` }));
    expect(performance.now() - begun).toBeLessThan(1_400);
  });
});

describe("evaluators that read an answer and go on with what follows", () => {
  const item = { number: "7", amounts: ["1.10"], paid: true };
  const read = (plan: Plan, mostBytes: number) =>
    start().answer(plan, {
      planKey: plan.key,
      node: "erp",
      item,
      clock: sampleClock,
      question: "request",
      response: { status: 201, headers: {}, body: '{"id": 5}' },
      follow: { mostBytes },
    });

  it("give what the segment gives by itself", async () => {
    const plan = samplePlan();
    const answer = await read(plan, 1_000);
    const alone = await evaluators?.segment(plan, {
      planKey: plan.key,
      entry: { node: "erp", port: "out" },
      item: { ...item, answer: { id: 5 } },
      clock: sampleClock,
    });
    expect(answer).toMatchObject({ ok: true, result: { id: 5 }, followed: [{ port: "out", ...alone }] });
    expect(answer).toHaveProperty("outputs", { result: { id: 5 } });
  });

  it("leave out a segment that fails or whose item is too large, and give its item instead", async () => {
    const failing = structuredClone(sampleFlow);
    const after = failing.nodes.find((node) => node.id === "after");
    if (after) after.config = { expression: "$error('no')" };
    const out = { ...item, answer: { id: 5 } };
    expect(await read(samplePlan(failing), 1_000)).toMatchObject({ ok: true, outputs: { out }, followed: [] });
    await evaluators?.close();
    expect(await read(samplePlan(), 20)).toMatchObject({ ok: true, outputs: { out }, followed: [] });
  });
});

describe("evaluators that cannot be had", () => {
  const folder = mkdtempSync(join(tmpdir(), "orderloom-evaluator-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are not a job's fault, and work again when they can be had", async () => {
    const late = join(folder, "evaluator.mjs");
    const { segment } = start({ script: late });
    const plan = samplePlan();
    await expect(segment(plan, jobFor(plan))).rejects.toBeInstanceOf(EvaluatorsAway);
    writeFileSync(late, `import ${JSON.stringify(script)};`);
    expect(await segment(plan, jobFor(plan))).toMatchObject({ result: { ok: true } });
  });
});
