import { effectOutputs } from "#nodes/connector/effectOutputs.ts";
import { answer } from "#nodes/evaluate.ts";
import type { AnswerJob, AnswerResult, FollowedSegment, Plan, SegmentJob, SegmentResult } from "#nodes/plan.ts";

type Evaluate = (plan: Plan, job: SegmentJob) => Promise<{ result: SegmentResult; hash: string }>;

/** Reads an answer and, where the job asks for it and the answer is good, evaluates the segments that follow. */
export async function readAndFollow(plan: Plan, job: AnswerJob, evaluate: Evaluate): Promise<AnswerResult> {
  const read = await answer(plan, job);
  if (!job.follow || !read.ok || !read.found || read.next) return read;
  const followed = await follow(plan, job, read.result, job.follow.mostBytes, evaluate);
  const went = new Set(followed.map(({ port }) => port));
  // An item that went on already need not go back.
  const outputs = Object.fromEntries(Object.entries(read.outputs).filter(([port]) => !went.has(port)));
  return { ...read, outputs, followed };
}

/** What comes out badly is left out: it is evaluated once more as a task of its own, with all that belongs to a failure. */
async function follow(
  plan: Plan,
  { node: id, item: given, clock, planKey }: AnswerJob,
  answered: unknown,
  mostBytes: number,
  evaluate: Evaluate,
): Promise<FollowedSegment[]> {
  const node = plan.flow.nodes.find((each) => each.id === id);
  if (!node) return [];
  const outputs = effectOutputs(plan.lock.manifests[node.type], node, given, asStored(answered));
  const ports = new Set(plan.flow.edges.flatMap(({ from }) => (from.node === id ? [from.port] : [])));
  const followed: FollowedSegment[] = [];
  for (const port of ports) {
    const item = outputs[port];
    if (item === undefined || (item !== given && Buffer.byteLength(JSON.stringify(item)) > mostBytes)) continue;
    const { result, hash } = await evaluate(plan, { planKey, entry: { node: id, port }, item, clock });
    if (result.ok) followed.push({ port, result, hash });
  }
  return followed;
}

/** What an expression made, as it is once it has been a text. */
const asStored = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
