import { sql } from "kysely";
import { effectOutputs } from "#nodes/connector/effectOutputs.ts";
import { POINTER } from "#nodes/connector/webhook.ts";
import { addEvaluated, addPorts, setFailed, setStatus, unreachedNodes } from "#nodes/dryRun/traceNodes.ts";
import { INTO, type Plan } from "#nodes/plan.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import { isId } from "#runtime/store/ids.ts";
import { wholeText } from "#runtime/store/payloads.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Trace } from "#schemas/run.ts";
import type { DeployedFlow } from "./deployments.ts";
import type { EngineParts } from "./parts.ts";

/** Tasks that are looked at: each segment is evaluated again while somebody waits for the page. */
const FIRST_TASKS = 400;
const LAST_TASKS = 100;

interface TraceTask {
  id: string;
  parent: string | null;
  kind: "segment" | "effect" | "control";
  node: string;
  port: string | null;
  state: "READY" | "CLAIMED" | "DONE" | "DEAD" | "CANCELLED";
  result: string | null;
  hash: string | null;
  engine: string | null;
  tableRevision: number | null;
  failedNode: string | null;
  class: OutcomeClass | null;
  reason: Reason | null;
  /** JSON text of an item that does not follow from the message: put there by a person, or what a replay begins with. */
  own: string | null;
}

interface TraceRun {
  environment: string;
  flow: string;
  versionId: string;
  body: string | null;
  /** The node that a replay began from. */
  from: string | null;
  clock: { runId: string; now: string; seed: string; sourceNode: string };
}

/** One recomputation under way. */
interface Walk {
  parts: EngineParts;
  deployed: DeployedFlow;
  /** Without reference tables: each task has them as they were when it was taken. */
  plan: Plan;
  run: TraceRun;
  children: Map<string | null, TraceTask[]>;
  trace: Trace;
}

/**
 * What every port of every node carried in a run, recomputed from the message and the effects' results with the run's
 * own version and clock. Undefined when there is no such run. A trace that comes out otherwise than the run did says so.
 */
export async function traceRun(parts: EngineParts, runId: string): Promise<Trace | undefined> {
  if (!isId(runId)) return undefined;
  const run = await readTraceRun(parts, runId);
  if (!run) return undefined;
  const deployed = await parts.deployments.find(run.environment, run.flow);
  if (!deployed) return undefined;
  const plan = await deployed.plan(run.versionId, null);
  const { tasks, omitted } = await readTasks(parts, runId);
  const children = new Map<string | null, TraceTask[]>();
  for (const task of tasks) {
    const siblings = children.get(task.parent);
    if (siblings) siblings.push(task);
    else children.set(task.parent, [task]);
  }
  const trace: Trace = {
    nodes: unreachedNodes(plan.flow),
    reproduces: true,
    differences: [],
    omitted,
  };
  const walk: Walk = { parts, deployed, plan, run, children, trace };
  if (run.body === null) {
    trace.reproduces = false;
    trace.differences.push("The message's payload was purged; there is nothing to recompute from.");
    return trace;
  }
  const source = trace.nodes[run.clock.sourceNode];
  if (source && run.from === null) source.status = "done";
  const item: unknown = JSON.parse(run.body);
  for (const task of children.get(null) ?? []) await walkSegment(walk, task, item);
  return trace;
}

async function walkSegment(walk: Walk, task: TraceTask, given: unknown): Promise<void> {
  const item: unknown = task.own === null ? given : JSON.parse(task.own);
  const { parts, deployed, run, trace } = walk;
  const plan = await deployed.plan(run.versionId, task.tableRevision);
  const entry = { node: task.node, port: task.port ?? "out" };
  const into = entry.port.startsWith(INTO) ? entry.port.slice(INTO.length) : null;
  // What points at a document comes into the source, which gives the document.
  const side = into === null && entry.port !== POINTER ? "outputs" : "inputs";
  const here = { inputs: {}, outputs: {}, [side]: { [into ?? entry.port]: [item] } };
  addPorts(trace.nodes, { [entry.node]: here });
  if (task.state === "READY" || task.state === "CLAIMED") return;
  const evaluated = await parts.evaluators
    .segment(plan, { planKey: plan.key, entry, item, clock: run.clock, trace: true })
    .catch((error: unknown) => {
      if (error instanceof EvaluatorDied) return null;
      throw error;
    });
  if (!evaluated) return died(walk, task);
  const { result, hash } = evaluated;
  const { [entry.node]: entered, ...inner } = result.ports ?? {};
  addEvaluated(trace.nodes, inner);
  if (into !== null && entered) addEvaluated(trace.nodes, { [entry.node]: { inputs: {}, outputs: entered.outputs } });
  if (!result.ok) setFailed(trace.nodes, result.node, result.class, result.reason);
  else if (task.state === "DEAD" && task.failedNode) setFailed(trace.nodes, task.failedNode, task.class, task.reason);
  noteDifference(walk, task, result.ok, hash);
  if (!result.ok) return;
  const effects = walk.children.get(task.id) ?? [];
  for (const [index, call] of result.effects.entries()) {
    const effect = effects.filter((each) => each.node === call.node)[countBefore(result.effects, index, call.node)];
    if (effect) await walkEffect(walk, effect, call.item);
  }
  for (const next of effects) if (next.kind !== "effect") await walkControlled(walk, next);
}

/** What a control node made of an item: a task that waits or gathers there, or at once what follows it. */
async function walkControlled(walk: Walk, task: TraceTask): Promise<void> {
  const { plan, trace } = walk;
  const open = task.state === "READY" || task.state === "CLAIMED";
  if (task.kind === "segment") {
    // An item of a split has left it when it came to be; one that is delayed stands at its node.
    const delayed = plan.flow.nodes.find(({ id }) => id === task.node)?.type === "delay";
    if (open && delayed) return setStatus(trace.nodes, task.node, "waiting");
    setStatus(trace.nodes, task.node, "done");
    return walkSegment(walk, task, null);
  }
  if (task.state === "DEAD") setFailed(trace.nodes, task.failedNode ?? task.node, task.class, task.reason);
  // What has arrived at a join has ended, and waits there for the others.
  else setStatus(trace.nodes, task.node, open ? "waiting" : "done");
  for (const next of walk.children.get(task.id) ?? []) await walkControlled(walk, next);
}

const countBefore = (calls: { node: string }[], index: number, node: string): number =>
  calls.slice(0, index).filter((call) => call.node === node).length;

async function walkEffect(walk: Walk, task: TraceTask, given: unknown): Promise<void> {
  const item: unknown = task.own === null ? given : JSON.parse(task.own);
  const { plan, trace } = walk;
  addPorts(trace.nodes, { [task.node]: { inputs: {}, outputs: {} } });
  if (task.state === "DEAD") return setFailed(trace.nodes, task.node, task.class, task.reason);
  if (task.state !== "DONE") return setStatus(trace.nodes, task.node, "waiting");
  setStatus(trace.nodes, task.node, "done");
  const node = plan.flow.nodes.find((each) => each.id === task.node);
  if (!node) return;
  const outputs = effectOutputs(
    plan.lock.manifests[node.type],
    node,
    item,
    task.result === null ? null : JSON.parse(task.result),
  );
  const children = walk.children.get(task.id) ?? [];
  const followers = children.filter(({ kind }) => kind !== "effect");
  const followed = new Set(followers.map((each) => each.port));
  for (const [port, value] of Object.entries(outputs)) {
    // A port that a segment follows is recorded when that segment is walked.
    if (!followed.has(port)) addPorts(trace.nodes, { [task.node]: { inputs: {}, outputs: { [port]: [value] } } });
  }
  for (const next of followers) await walkSegment(walk, next, outputs[next.port ?? "out"]);
  // Documents of a batch that were refused: each is there once more, alone.
  for (const next of children) if (next.kind === "effect") await walkEffect(walk, next, null);
}

/** The evaluator died of the segment: as it did in the run, or as it did not. */
function died({ trace }: Walk, task: TraceTask): void {
  if (task.state === "DEAD") {
    setFailed(trace.nodes, task.failedNode ?? task.node, task.class, task.reason);
    return;
  }
  trace.reproduces = false;
  trace.differences.push(`What follows "${task.node}" used more memory or time than it may when it was recomputed.`);
}

function noteDifference(walk: Walk, task: TraceTask, ok: boolean, hash: string): void {
  const expected = task.state === "DONE";
  if (ok === expected && (!ok || task.hash === hash)) return;
  walk.trace.reproduces = false;
  const made = task.engine ? ` The run was made by ${task.engine}.` : "";
  walk.trace.differences.push(`What follows "${task.node}" comes out differently now than it did in the run.${made}`);
}

async function readTraceRun(parts: EngineParts, runId: string): Promise<TraceRun | undefined> {
  const { rows } = await sql<TraceRun>`
    select r.environment, r.flow_id as flow, r.version_id as "versionId", ${wholeText("m", "body", "payload_id")} as body,
      r.replay_from as "from", json_build_object('runId', r.id, 'now', to_char(r.clock_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'seed', r.seed, 'sourceNode', r.source_node) as clock
    from run r left join message m on m.id = r.message_id where r.id = ${runId}`.execute(parts.db);
  return rows[0];
}

/** The first tasks of a run, and the last: what a join of many items came to is among them. */
async function readTasks(parts: EngineParts, runId: string): Promise<{ tasks: TraceTask[]; omitted: number }> {
  const { rows: counted } = await sql<{ count: number }>`
    select count(*)::int as count from task where run_id = ${runId}`.execute(parts.db);
  const count = counted[0]?.count ?? 0;
  const { rows } = await sql<TraceTask>`
    select t.id, t.parent_id as parent, t.kind, t.node_id as node, t.port, t.state,
      ${wholeText("t", "result", "result_payload_id")} as result, t.output_hash as hash, t.engine, t.table_revision as "tableRevision",
      t.failed_node as "failedNode", t.class, t.reason,
      case when t.edited_at is not null or t.parent_id is null or (t.kind = 'effect') = (made.kind = 'effect')
        then ${wholeText("t", "input", "payload_id")} end as own
    from (select *, row_number() over (order by id) as place from task where run_id = ${runId}) t
    left join task made on made.id = t.parent_id
    where t.place <= ${FIRST_TASKS} or t.place > ${Math.max(FIRST_TASKS, count - LAST_TASKS)} order by t.id`.execute(parts.db);
  return { tasks: rows, omitted: Math.max(0, count - rows.length) };
}
