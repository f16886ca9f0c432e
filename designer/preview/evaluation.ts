import { compilePlan } from "#nodes/compilePlan.ts";
import { effectOutputs } from "#nodes/connector/effectOutputs.ts";
import { type DryRun, type DryRunParts, dryRun, type SubFlowEnd } from "#nodes/dryRun/dryRun.ts";
import { answer } from "#nodes/evaluate.ts";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import { toExpressionError } from "#nodes/expression/expressionError.ts";
import { type Catalog, makeLock } from "#nodes/lock.ts";
import type { AnswerJob, AnswerResult, Binding, EffectCall, Plan, RawResponse, RunClock } from "#nodes/plan.ts";
import { type PlanTables, sampleTables, withTables } from "#nodes/planTables.ts";
import { type CanonicalFault, canonicalFaults } from "#schemas/canonical/check.ts";
import type { Flow } from "#schemas/flow.ts";
import type { FlowSample } from "#schemas/sample.ts";
import { upTo } from "./upTo.ts";

/** A message to run the draft on. */
export type PreviewSample = Pick<FlowSample, "name" | "title" | "source" | "input" | "answers" | "messages" | "tables">;

/** A draft with all that it needs to run here. */
export interface PreviewPlan {
  environment: string;
  flow: Flow;
  catalog: Catalog;
  bindings: Record<string, Binding>;
  /** The environment's reference tables that the flow looks things up in; those of the sample go before them. */
  tables?: PlanTables;
  /** By effect node: what its system is taken to have answered; it goes before the sample's own answer. */
  pins: Readonly<Record<string, unknown>>;
  /** The node at which the run stops; the whole flow without one. */
  until?: string | undefined;
}

export type Job =
  | { kind: "flow"; plan: PreviewPlan; sample: PreviewSample }
  | {
      kind: "expression";
      text: string;
      input: unknown;
      source: { node: string; system: string | null; account: string | null };
      /** The canonical schema that the result is held against. */
      schema?: string;
      /** It is made of the members of a list: each of them is. */
      each?: boolean;
    };

/** A dry run as the designer shows it. */
export interface PreviewRun extends Pick<DryRun, "state" | "waiting" | "failures" | "routed" | "response" | "nodes"> {
  /** What each effect would send, by node. */
  requests: Record<string, EffectCall["request"][]>;
  /** Effects that nobody has an answer for: the item passed them as if the answer had been empty. */
  unanswered: string[];
}

export type ExpressionOutcome =
  | { ok: true; value: unknown; faults?: CanonicalFault[] }
  | { ok: false; message: string; position?: number };

export type Outcome = { kind: "flow"; run: PreviewRun } | { kind: "expression"; result: ExpressionOutcome };

/** The same for each keystroke, so that what changes is the expression's doing alone. */
const clockOf = (sourceNode: string): RunClock => ({
  runId: "preview",
  now: "2026-01-15T12:00:00.000Z",
  seed: "preview",
  sourceNode,
});

/** Does one job: no network, no clock, nothing kept. Rejects with a sentence when a flow cannot be run at all. */
export async function perform(job: Job): Promise<Outcome> {
  if (job.kind === "flow") return { kind: "flow", run: await runFlow(job.plan, job.sample) };
  return { kind: "expression", result: await express(job) };
}

async function express({
  text,
  input,
  source,
  schema,
  each = false,
}: Extract<Job, { kind: "expression" }>): Promise<ExpressionOutcome> {
  const clock = clockOf(source.node);
  try {
    const variables = { source, run: { id: clock.runId, now: clock.now } };
    const value = await evaluateExpression(text, input, { clock, salt: "", variables });
    const documents = each && Array.isArray(value) ? value : [value];
    const faults = schema === undefined ? undefined : documents.flatMap((one) => canonicalFaults(schema, one) ?? []);
    return { ok: true, value, ...(faults ? { faults } : {}) };
  } catch (raw) {
    const { message, position } = toExpressionError(raw);
    return { ok: false, message, ...(position === undefined ? {} : { position }) };
  }
}

async function runFlow(
  { environment, flow: whole, catalog, bindings, tables, pins, until }: PreviewPlan,
  sample: PreviewSample,
): Promise<PreviewRun> {
  const flow = upTo(whole, until);
  const bare = compilePlan({ environment, flow, lock: makeLock(flow, catalog), bindings });
  const plan = withTables(bare, { ...tables, ...sampleTables(flow, sample.tables) });
  const unanswered = new Set<string>();
  const { answers = {}, messages } = sample;
  const parts: DryRunParts = {
    perform: ({ node }) => Promise.resolve(rawAnswer(answers[node])),
    read: (given, job) => {
      if (!Object.hasOwn(pins, job.node) && Object.hasOwn(answers, job.node)) return answer(given, job);
      if (!Object.hasOwn(pins, job.node)) unanswered.add(job.node);
      return Promise.resolve(taken(given, job, pins[job.node] ?? null));
    },
    subFlow: ({ node }) => Promise.resolve(answeredSubFlow(node, pins, answers)),
    ...(messages === undefined ? {} : { messages }),
  };
  const { effects, state, waiting, failures, routed, response, nodes } = await dryRun(
    plan,
    sample.input,
    clockOf(sample.source),
    parts,
  );
  const requests: PreviewRun["requests"] = {};
  for (const { call } of effects) requests[call.node] = [...(requests[call.node] ?? []), call.request];
  return { state, waiting, failures, routed, response, nodes, requests, unanswered: [...unanswered] };
}

type Answer = NonNullable<FlowSample["answers"]>[string];

const rawAnswer = (given: Answer | undefined): RawResponse => ({
  status: given?.status ?? 200,
  headers: Object.fromEntries(Object.entries(given?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
  body: given?.body === undefined ? "" : JSON.stringify(given.body),
  last: true,
});

/** A good answer with this result. */
function taken(plan: Plan, { node: id, item }: AnswerJob, result: unknown): AnswerResult {
  const node = plan.flow.nodes.find((each) => each.id === id);
  const outputs = node ? effectOutputs(plan.lock.manifests[node.type], node, item, result) : {};
  return { ok: true, found: true, result, outputs };
}

/** Another flow is not run here: it answers what is pinned or what the sample says; else the item waits for it. */
function answeredSubFlow(
  node: string,
  pins: PreviewPlan["pins"],
  answers: NonNullable<FlowSample["answers"]>,
): SubFlowEnd | undefined {
  const given = Object.hasOwn(pins, node) ? { status: 200, body: pins[node] } : answers[node];
  if (!given) return undefined;
  if (given.status < 400)
    return { state: "SUCCEEDED", waiting: false, response: { status: given.status, body: given.body ?? null }, failures: [] };
  const reason = { code: "sample.answer", message: `The sample answers for node "${node}" with the status ${given.status}.` };
  return { state: "DEAD", waiting: false, response: null, failures: [{ node, itemPath: "", class: "rejected", reason }] };
}
