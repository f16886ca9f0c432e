import type { AnswerResult, EffectCall, Plan, RenderedRequest } from "#nodes/plan.ts";
import { type OpenConnection, refuseConnection } from "#runtime/store/connections.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import type { EffectOperation } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { Permit } from "./gate.ts";
import type { EngineParts } from "./parts.ts";

/** One effect that is being performed. */
export interface Effect {
  parts: EngineParts;
  task: ClaimedTask;
  plan: Plan;
  node: FlowNode;
  call: EffectCall;
  connection: OpenConnection;
  operation: EffectOperation;
  permit: Pick<Permit, "stands" | "charge" | "tell">;
  startedAt: Date;
  /** Its request with the control number that it was given. */
  numbered?: RenderedRequest;
  /** An earlier request under the same key may have been applied. */
  doubted?: boolean;
}

export type GoodAnswer = Extract<AnswerResult, { ok: true }>;

/** Whatever waits for the connection waits until a person has looked at it: it does not take our credentials. */
export async function pauseConnection({ parts, connection }: Pick<Effect, "parts" | "connection">, why: string): Promise<void> {
  await refuseConnection(parts.db, connection, why, "engine");
  parts.deployments.forget();
}
