import type { RawResponse } from "#nodes/plan.ts";
import type { AttemptRecord } from "#runtime/store/outcomes.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";

/** Text of a request or answer kept with an attempt is cut at this length, and says so. */
const ATTEMPT_TEXT = 16_384;

const cut = (text: string): string =>
  text.length <= ATTEMPT_TEXT
    ? text
    : `${text.slice(0, ATTEMPT_TEXT)} … (${text.length - ATTEMPT_TEXT} more characters not kept)`;

/** What people read of one try of an effect. */
export function attemptOf(
  { task, startedAt }: { task: ClaimedTask; startedAt: Date },
  outcome: AttemptRecord["outcome"],
  reason: AttemptRecord["reason"],
  request: unknown,
  response: RawResponse | null,
): AttemptRecord {
  return {
    number: task.attempt + 1,
    startedAt,
    outcome,
    reason,
    // A good attempt's request stands with the task already.
    request: request ? cut(JSON.stringify(request)) : null,
    response: response ? JSON.stringify({ ...response, body: cut(response.body) }) : null,
  };
}
