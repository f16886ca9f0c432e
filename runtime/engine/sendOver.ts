import type { RenderedRequest } from "#nodes/plan.ts";
import { type CrashPoint, crossing } from "#runtime/crashPoints.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { Connector } from "#schemas/connector.ts";
import type { OutcomeClass } from "#schemas/outcome.ts";
import type { Permit } from "./gate.ts";
import { type Failure, RATE_LIMIT_WAIT_MS, RETRY_AFTER_CAP_MS } from "./outcome.ts";
import type { EngineParts } from "./parts.ts";
import type { Late, Performed } from "./perform.ts";

/** Status of an answer whose `Retry-After` is about the whole system. */
const UNAVAILABLE = 503;

type Telling = Pick<Permit, "tell">;

/** An answer as it was read, of an effect or a page. */
type ReadAnswer =
  | { ok: true; waitMs?: number | undefined }
  | (Pick<Failure, "class" | "again"> & { ok: false; retryAfterMs?: number | undefined });

/** Sends one request; that nobody answered is told to the connection's breaker. */
export async function sendOver(
  { parts, connection, permit }: { parts: EngineParts; connection: OpenConnection; permit: Telling },
  connector: Connector,
  request: RenderedRequest,
  point: CrashPoint,
  late?: Late,
): Promise<Performed> {
  const performed = await crossing(point, () => parts.http.perform(connector, connection, request, late));
  if (!performed.ok && isDown(performed.failure.class)) permit.tell("failed");
  return performed;
}

const isDown = (kind: OutcomeClass): boolean => kind === "transient" || kind === "timeout";

/** Whatever else a target says, it is there. One that names a time to come back closes the connection until then. */
export function tellAnswer(permit: Telling, answer: ReadAnswer, status: number): void {
  if (!answer.ok && (answer.class === "rateLimited" || (status === UNAVAILABLE && answer.retryAfterMs !== undefined))) {
    permit.tell({ closeForMs: Math.min(answer.retryAfterMs ?? RATE_LIMIT_WAIT_MS, RETRY_AFTER_CAP_MS) });
  }
  // Before it would refuse: it says itself how much is left of its limit.
  if (answer.ok && answer.waitMs !== undefined) permit.tell({ closeForMs: Math.min(answer.waitMs, RETRY_AFTER_CAP_MS) });
  permit.tell(answer.ok || answer.again !== undefined || !isDown(answer.class) ? "answered" : "failed");
}
