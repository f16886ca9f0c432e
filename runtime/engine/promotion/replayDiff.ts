import { dryRun } from "#nodes/dryRun/dryRun.ts";
import type { Plan, SegmentJob, SegmentResult } from "#nodes/plan.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import { type PastMessage, pastMessages, readVersions } from "#runtime/store/pastMessages.ts";
import type { ReplayDiff } from "#schemas/promotion.ts";
import type { EngineParts } from "../parts.ts";
import { answerRules, type RulesByNode, readByItem } from "./answerRules.ts";
import { compareRuns, type VersionRun } from "./compareRuns.ts";
import { changedWays } from "./effectKeys.ts";
import { differenceGroups } from "./groups.ts";
import { isCompared, keyFate } from "./keyFate.ts";
import { assumedAnswers, assumedCalls, recordedAnswers, recordedCalls, recordedMessages } from "./recorded.ts";

/** Messages under way at a time: enough that evaluators get full batches, few enough to leave room for what is live. */
const AT_A_TIME = 48;

export interface PlannedVersion {
  number: number;
  plan: Plan;
}

export interface ReplayWanted {
  flow: string;
  /** Whose messages. */
  environment: string;
  /** What runs now; null where nothing does. */
  before: PlannedVersion | null;
  after: PlannedVersion;
  /** How many messages at most, the newest. */
  most: number;
}

/**
 * Runs two versions on the last messages of an environment, without effects: what a request came to is looked up, never
 * asked for. Answers for how many messages they differ, and where.
 */
export async function replayDiff(parts: Pick<EngineParts, "db" | "evaluators">, wanted: ReplayWanted): Promise<ReplayDiff> {
  const began = performance.now();
  const { environment, before, after } = wanted;
  const groups = differenceGroups();
  const counts = { messages: 0, same: 0, differing: 0, unknown: 0 };
  const unknownAt: Record<string, number> = {};
  const keys: ReplayDiff["keys"] = {};
  const ways = before ? changedWays(before.plan, after.plan) : [];
  const made = new Map<string, RulesByNode>();
  const [older, newer] = [before && tried(before), tried(after)];

  const look = async (message: PastMessage): Promise<void> => {
    const [old, now] = await Promise.all([older && run(parts, older, message, made), run(parts, newer, message, made)]);
    const differences = old ? compareRuns(old, now) : failureOf(now);
    counts.messages += 1;
    const unknown = new Set([...(old?.run.unknown ?? []), ...now.run.unknown]);
    if (unknown.size > 0) counts.unknown += 1;
    for (const node of unknown) unknownAt[node] = (unknownAt[node] ?? 0) + 1;
    if (differences.length === 0) counts.same += 1;
    else counts.differing += 1;
    groups.add(message, differences);
    if (older && old) await lookAtKeys(message, older, old, now);
  };

  /** What lies behind an unknown answer is not shown, but that a key changes there is not passed over. */
  const lookAtKeys = async (message: PastMessage, older: Tried, old: VersionRun, now: VersionRun): Promise<void> => {
    const open = ways.filter((way) => !isCompared(old, now, way));
    if (open.length === 0) return;
    const assumed = (version: Tried, known: VersionRun) =>
      known.run.unknown.length === 0 ? known : run(parts, version, message, made, true);
    const [then, next] = await Promise.all([assumed(older, old), assumed(newer, now)]);
    for (const way of open) {
      const fate = keyFate(then, next, way);
      if (fate === "same") continue;
      const counted = keys[way.old] ?? { another: 0, untried: 0 };
      keys[way.old] = { ...counted, [fate]: counted[fate] + 1 };
    }
  };

  const itemsOf = [older, newer].flatMap((one) => (one ? readByItem(one.rules) : []));
  for await (const messages of pastMessages(parts.db, { ...wanted, itemsOf })) {
    await learnRules(parts.db, messages, made);
    await each(messages, look);
  }
  return {
    environment,
    before: before?.number ?? null,
    after: after.number,
    ...counts,
    unknownAt,
    keys,
    ...groups.result(),
    ms: Math.round(performance.now() - began),
  };
}

/** A version that is tried, with what it makes of answers. */
interface Tried {
  plan: Plan;
  rules: RulesByNode;
}

const tried = ({ plan }: PlannedVersion): Tried => ({ plan, rules: answerRules(plan) });

/** Adds what the versions that made the messages' requests made of answers. */
async function learnRules(
  db: EngineParts["db"],
  messages: readonly PastMessage[],
  made: Map<string, RulesByNode>,
): Promise<void> {
  const ids = new Set(messages.flatMap(({ effects }) => effects.map(({ versionId }) => versionId)));
  const fresh = [...ids].filter((id) => !made.has(id));
  if (fresh.length === 0) return;
  for (const [id, version] of await readVersions(db, fresh)) made.set(id, answerRules(version));
}

/** Where nothing runs yet, what fails is all there is to tell. */
const failureOf = ({ run: { failures } }: VersionRun) =>
  failures.slice(0, 1).map(({ node, class: kind, reason }) => ({
    kind: "outcome" as const,
    node,
    field: "",
    before: null,
    after: { state: kind, node, message: reason.message },
  }));

async function run(
  { evaluators }: Pick<EngineParts, "evaluators">,
  { plan, rules }: Tried,
  message: PastMessage,
  made: ReadonlyMap<string, RulesByNode>,
  assumes = false,
): Promise<VersionRun> {
  const recall = (assumes ? assumedAnswers : recordedAnswers)(message.effects, { made, tried: rules });
  const dry = await dryRun(plan, JSON.parse(message.body), message.clock, {
    perform: async (call, hash) => recall(call, hash),
    met: recordedMessages(message.controls),
    subFlow: (assumes ? assumedCalls : recordedCalls)(message.controls),
    evaluate: (planned, job) => evaluated(evaluators, planned, job),
  });
  return { flow: plan.flow, run: dry };
}

/** What evaluates a segment to death fails it, as it would in a run. */
async function evaluated(evaluators: EngineParts["evaluators"], plan: Plan, job: SegmentJob): Promise<SegmentResult> {
  try {
    return (await evaluators.segment(plan, job)).result;
  } catch (error) {
    if (!(error instanceof EvaluatorDied)) throw error;
    const reason = { code: "evaluator.died", message: "Evaluating it took more memory or time than it may." };
    return { ok: false, node: job.entry.node, item: job.item, class: "poison", reason, edges: [] };
  }
}

/** Looks at all of them, some at a time. */
async function each<T>(items: readonly T[], look: (item: T) => Promise<void>): Promise<void> {
  const open = [...items];
  const lane = async (): Promise<void> => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) await look(next);
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, items.length) }, lane));
}
