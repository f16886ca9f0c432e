import { sql } from "kysely";
import type { DeadLetterDetail, EffectState } from "#schemas/deadLetter.ts";
import type { RunState } from "#schemas/run.ts";
import { taskAttempts } from "./attempts.ts";
import type { Db } from "./database.ts";
import { type DeadLetterRow, deadLetterColumns, toDeadLetter } from "./deadLetters.ts";
import { isId } from "./ids.ts";
import { wholeText } from "./payloads.ts";

interface TaskRow {
  kind: DeadLetterDetail["kind"];
  itemPath: string;
  input: string | null;
  call: string | null;
  editedAt: Date | null;
  editedBy: string | null;
  originalInput: string | null;
  originalCall: string | null;
  body: string | null;
  effectKey: string | null;
  runState: RunState | null;
  cancelled: boolean;
}

/** A dead letter with all that is known of its task; undefined when there is none of that id. */
export async function readDeadLetter(db: Db, id: string): Promise<DeadLetterDetail | undefined> {
  if (!isId(id)) return undefined;
  const { rows } = await sql<DeadLetterRow>`select ${deadLetterColumns} from dead_letter l where l.id = ${id}`.execute(db);
  const row = rows[0];
  if (!row) return undefined;
  const letter = toDeadLetter(row);
  const [task, attempts] = await Promise.all([readTask(db, letter.taskId), taskAttempts(db, letter.taskId)]);
  if (!task) {
    // Its month was dropped: what the letter says is all there is.
    const nothing = { item: null, request: null, original: null, effect: null, attempts, runState: null, editable: false };
    return { letter, kind: "segment", itemPath: "", gone: true, ...nothing };
  }
  const own = task.input ?? (task.editedAt ? null : task.body);
  const request = requestOf(task.call);
  return {
    letter,
    kind: task.kind,
    itemPath: task.itemPath,
    item: parsed(own),
    request,
    gone: own === null,
    original: task.editedAt && {
      item: parsed(task.originalInput ?? task.body),
      request: requestOf(task.originalCall),
      editedAt: task.editedAt.toISOString(),
      editedBy: task.editedBy ?? "",
    },
    effect: task.effectKey === null ? null : await readEffect(db, task.effectKey, letter.taskId),
    attempts: attempts.map((attempt) => ({ ...attempt, request: attempt.request ?? request })),
    runState: task.runState,
    editable: letter.state === "open" && !task.cancelled && task.kind !== "control" && own !== null,
  };
}

async function readTask(db: Db, id: string): Promise<TaskRow | undefined> {
  const { rows } = await sql<TaskRow>`
    select t.kind, t.item_path as "itemPath", ${wholeText("t", "input", "payload_id")} as input, t.call,
      t.edited_at as "editedAt", t.edited_by as "editedBy", t.effect_key as "effectKey",
      r.state as "runState", coalesce(r.cancelled_at is not null, false) as cancelled,
      ${wholeText("t", "original_input", "original_payload_id")} as "originalInput", t.original_call as "originalCall",
      case when t.parent_id is null then ${wholeText("m", "body", "payload_id")} end as body
    from task t left join run r on r.id = t.run_id left join message m on m.id = r.message_id where t.id = ${id}`.execute(db);
  return rows[0];
}

async function readEffect(db: Db, key: string, task: string): Promise<EffectState | null> {
  const row = await db
    .selectFrom("effect")
    .select(["effect_key", "state", "mode", "revision", "sent_at", "settled_at", "task_id"])
    .where("effect_key", "=", key)
    .executeTakeFirst();
  return row
    ? {
        key: row.effect_key,
        state: row.state,
        mode: row.mode,
        revision: row.revision,
        sentAt: row.sent_at.toISOString(),
        settledAt: row.settled_at?.toISOString() ?? null,
        own: row.task_id === task,
      }
    : null;
}

const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));

/** The request of an effect's call; a control task's call is something else. */
function requestOf(call: string | null): unknown {
  const made = parsed(call);
  return typeof made === "object" && made !== null && "request" in made ? made.request : null;
}

/** What an edited retry needs to know of the task. */
export interface EditableTask {
  environment: string;
  flow: string;
  versionId: string;
  kind: DeadLetterDetail["kind"];
  node: string;
  effectKey: string | null;
  clock: { runId: string; now: string; seed: string; sourceNode: string };
}

/** The task of a dead letter with its run's clock; undefined when it is gone. */
export async function readEditableTask(db: Db, taskId: string): Promise<EditableTask | undefined> {
  const { rows } = await sql<EditableTask>`
    select t.environment, t.flow_id as flow, t.version_id as "versionId", t.kind, t.node_id as node, t.effect_key as "effectKey",
      json_build_object('runId', r.id, 'now', to_char(r.clock_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'seed', r.seed, 'sourceNode', r.source_node) as clock
    from task t join run r on r.id = t.run_id where t.id = ${taskId}`.execute(db);
  return rows[0];
}
