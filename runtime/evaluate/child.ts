import { randomUUID } from "node:crypto";
import { poll } from "#nodes/connector/poll.ts";
import { renderNumbered } from "#nodes/connector/renderNumbered.ts";
import { subscribe } from "#nodes/connector/subscription/subscribe.ts";
import { evaluateSegment } from "#nodes/evaluate.ts";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import { toExpressionError } from "#nodes/expression/expressionError.ts";
import type { Plan, SegmentJob, SegmentResult } from "#nodes/plan.ts";
import { sha256 } from "#runtime/store/ids.ts";
import { readAndFollow } from "./follow.ts";
import type {
  EvaluatorAnswer,
  EvaluatorBatch,
  EvaluatorJob,
  EvaluatorResult,
  ExpressionJob,
  ExpressionResult,
} from "./protocol.ts";

/** Plans kept by one evaluator; the least lately used goes first. */
const PLANS_KEPT = 64;
/** Characters of the plans kept, as they came: a reference table can make one large, and the heap is for evaluating. */
const SIZE_KEPT = 24_000_000;

const plans = new Map<string, { plan: Plan; size: number }>();

function remember(plan: Plan, size: number): void {
  plans.delete(plan.key);
  plans.set(plan.key, { plan, size });
  let held = [...plans.values()].reduce((sum, each) => sum + each.size, 0);
  for (const [key, each] of plans) {
    if (key === plan.key || (plans.size <= PLANS_KEPT && held <= SIZE_KEPT)) return;
    plans.delete(key);
    held -= each.size;
  }
}

async function run(text: string): Promise<string> {
  const batch = JSON.parse(text) as EvaluatorBatch;
  if (batch.plan) remember(batch.plan, text.length);
  const plan = batch.planKey === null ? null : plans.get(batch.planKey)?.plan;
  if (plan === undefined) return JSON.stringify({ missingPlan: true } satisfies EvaluatorAnswer);
  const results: EvaluatorResult[] = [];
  for (const each of batch.jobs) results.push(await runOne(plan, each));
  return JSON.stringify({ missingPlan: false, results } satisfies EvaluatorAnswer);
}

async function runOne(plan: Plan | null, each: EvaluatorJob): Promise<EvaluatorResult> {
  if (each.kind === "expression") return { kind: "expression", result: await express(each.job) };
  if (each.kind === "subscription") return { kind: "subscription", result: await subscribe(each.job) };
  if (!plan) throw new Error("Only an expression and a subscription belong to no plan.");
  if (each.kind === "numbered") return { kind: "numbered", result: await renderNumbered(plan, each.job) };
  if (each.kind === "poll") return { kind: "poll", result: await poll(plan, each.job) };
  if (each.kind === "answer") return { kind: "answer", result: await readAndFollow(plan, each.job, evaluate) };
  return { kind: "segment", ...(await evaluate(plan, each.job)) };
}

/** No run has to come out the same again: it is about the request that leaves now. */
async function express({ text, input }: ExpressionJob): Promise<ExpressionResult> {
  const now = new Date().toISOString();
  const clock = { runId: "", now, seed: randomUUID(), sourceNode: "" };
  try {
    return { ok: true, value: (await evaluateExpression(text, input, { clock, salt: "", variables: {} })) ?? null };
  } catch (raw) {
    return { ok: false, message: toExpressionError(raw).message };
  }
}

async function evaluate(plan: Plan, job: SegmentJob): Promise<{ result: SegmentResult; hash: string }> {
  const result = await evaluateSegment(plan, job);
  return { result, hash: outputHash(result) };
}

/** The fingerprint of what came out: a trace recomputed later must give the same. */
function outputHash(result: { ok: boolean } & object): string {
  const { ports: _ports, ...lasting } = result as { ports?: unknown };
  return sha256(JSON.stringify(lasting)).slice(0, 32);
}

// Without a server there is nobody left to work for.
process.on("disconnect", () => process.exit(0));
process.on("error", () => process.exit(0));
process.on("message", async (text: string) => {
  const answer = await run(text);
  process.send?.(answer);
});
