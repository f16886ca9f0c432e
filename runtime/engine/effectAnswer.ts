import { effectOutputs } from "#nodes/connector/effectOutputs.ts";
import type { AnswerJob, AnswerResult, RawResponse } from "#nodes/plan.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import { bornTask } from "#runtime/store/bornEnded.ts";
import type { NewTask } from "#runtime/store/outcomes.ts";
import type { Effect, GoodAnswer } from "./effect.ts";
import { segmentOutcome } from "./segmentTask.ts";
import { segmentAfter } from "./successors.ts";

/** An answer is read again this often when evaluators die over it: the effect was done, so giving up costs most. */
const READ_TRIES = 5;

/** What an answer means, and the segments that follow a good one, evaluated in the same trip. */
export async function readAnswer(effect: Effect, question: AnswerJob["question"], response: RawResponse): Promise<AnswerResult> {
  const { parts, task, plan, call } = effect;
  const clock = { runId: task.runId, ...task.clock };
  let died = "";
  for (let tries = 0; tries < READ_TRIES; tries++) {
    // What follows is tried once with it: should that cost the evaluator's life, the answer alone is still to be had.
    const follow = tries === 0 && isFollowed(effect) ? { follow: { mostBytes: parts.settings.maxItemBytes } } : {};
    try {
      return await parts.evaluators.answer(plan, {
        planKey: plan.key,
        node: task.node,
        item: call.item,
        clock,
        question,
        response,
        once: task.id,
        ...(call.step ? { before: call.step.before } : {}),
        ...follow,
      });
    } catch (error) {
      if (!(error instanceof EvaluatorDied)) throw error;
      died = error.message;
    }
  }
  const reason = { code: "answerNotRead", message: `The answer of ${effect.connection.name} could not be read: ${died}` };
  return { ok: false, class: "poison", reason, applied: "maybe" };
}

/**
 * Whether the segment after it is evaluated in the same trip and ended in the same checkpoint. An effect that is never
 * sent again has its confirmation written without the least delay: a crash before it costs a person's time.
 */
const isFollowed = ({ call }: Effect): boolean => call.read || call.idempotency !== "none";

/** The segments that were evaluated with the answer, ended; one that cannot end now is a task of its own. */
export async function followedSegments(effect: Effect, { result, followed = [] }: GoodAnswer): Promise<NewTask[]> {
  const { parts, task, plan, node, call, startedAt } = effect;
  return Promise.all(
    followed.map(async (each) => {
      const next = segmentAfter(task, node.id, each.port, null);
      const { end } = await segmentOutcome(parts, bornTask(task, next), plan, each, startedAt);
      if (end.state === "DONE" && !end.routed) return { ...next, inPlace: false, ended: end };
      const outputs = effectOutputs(plan.lock.manifests[node.type], node, call.item, result);
      return segmentAfter(task, node.id, each.port, outputs[each.port]);
    }),
  );
}
