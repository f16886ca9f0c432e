import { POINTER } from "#nodes/connector/webhook.ts";
import { INTO, type Plan } from "#nodes/plan.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import type { EditableTask } from "#runtime/store/deadLetterDetail.ts";
import type { EditedInput } from "#runtime/store/deadLetters.ts";
import type { Reason } from "#schemas/outcome.ts";
import type { EngineParts } from "./parts.ts";

/** What a task is tried again with, or why it cannot be. */
export type Edited = { ok: true; edit: EditedInput } | { ok: false; reason: Reason };

/**
 * Makes the new input of a task from an edited item. An effect's request is rendered anew from it, by the version that the
 * run was made with; its effect key must come out the same, or a retry could post another document under this one's name.
 */
export async function editedInput(parts: EngineParts, task: EditableTask, item: unknown): Promise<Edited> {
  const input = JSON.stringify(item ?? null);
  const bytes = Buffer.byteLength(input);
  const { maxItemBytes } = parts.settings;
  if (bytes > maxItemBytes)
    return no("itemTooLarge", `The item has ${bytes} bytes; ${maxItemBytes} are allowed.`, "Leave parts of it out.");
  if (task.kind === "segment") return { ok: true, edit: { input, call: null } };
  if (task.kind === "control")
    return no("controlNotEdited", "What waits or gathers cannot be edited.", "Retry it as it is, or resolve it.");
  const deployed = await parts.deployments.find(task.environment, task.flow);
  if (!deployed)
    return no("notDeployed", "The flow is not deployed in this environment any more.", "Deploy it there, then retry.");
  return renderedAgain(parts, await deployed.plan(task.versionId, null), task, item, input);
}

async function renderedAgain(parts: EngineParts, plan: Plan, task: EditableTask, item: unknown, input: string): Promise<Edited> {
  const { inputs = [] } = plan.lock.manifests[plan.flow.nodes.find((each) => each.id === task.node)?.type ?? ""] ?? {};
  // An effect without an input is a source that fetches what its message points at.
  const entry = { node: task.node, port: inputs[0] ? INTO + inputs[0].name : POINTER };
  const job = { planKey: plan.key, entry, item, clock: task.clock };
  const evaluated = await parts.evaluators.segment(plan, job).catch((error: unknown) => {
    if (error instanceof EvaluatorDied) return null;
    throw error;
  });
  if (!evaluated)
    return no("evaluatorDied", "Making the request from this item used more memory or time than it may.", "Send less.");
  const { result } = evaluated;
  if (!result.ok) return { ok: false, reason: result.reason };
  const call = result.effects[0];
  if (!call) throw new Error(`Node "${task.node}" made no request.`);
  if (!call.read && call.effectKey !== task.effectKey)
    return no(
      "otherDocument",
      `The edited item is another document: it would be ${call.documentKey}.`,
      "Leave what the document key is made from as it was, or send the other document as one of its own.",
    );
  const { item: _item, ...rest } = call;
  return { ok: true, edit: { input, call: JSON.stringify(rest) } };
}

const no = (code: string, message: string, hint: string): Edited => ({ ok: false, reason: { code, message, hint } });
