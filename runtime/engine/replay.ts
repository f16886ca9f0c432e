import { effectOutputs } from "#nodes/connector/effectOutputs.ts";
import { entryPort } from "#nodes/connector/operation.ts";
import { INTO, type Plan } from "#nodes/plan.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import {
  type Begun,
  type BegunTask,
  begunTasks,
  insertReplay,
  type NewReplay,
  type ReplayableRun,
  readReplayable,
  versionIdOf,
} from "#runtime/store/replay.ts";
import type { TaskHint } from "#runtime/store/tasks.ts";
import type { Flow } from "#schemas/flow.ts";
import type { DeployedFlow } from "./deployments.ts";
import type { EngineParts } from "./parts.ts";

/** Items, and segments to recompute them from, that a replay from a node takes: more belong to a replay of the whole. */
const MOST_ITEMS = 1_000;

/** What a person asks of a replay; the whole on the run's own version when nothing is named. */
export interface ReplayWish {
  /** A node to begin from, on what it took in the run. */
  from?: string;
  /** A version of the flow by its number. */
  version?: number;
  /** In the place of the message, or of the one item that the node took. */
  item?: unknown;
  kind: NewReplay["kind"];
}

/** What beginning a replay came to. `conflict`: not as things stand now; `refused`: not like this. */
export type ReplayOutcome =
  | { ok: true; runId: string; held: boolean; waitsForDocument: boolean; hints: TaskHint[] }
  | { ok: false; why: "missing" }
  | { ok: false; why: "conflict" | "refused"; detail: string; hint: string };

type No = Extract<ReplayOutcome, { ok: false; detail: string }>;

const conflict = (detail: string, hint: string): No => ({ ok: false, why: "conflict", detail, hint });
const refused = (detail: string, hint: string): No => ({ ok: false, why: "refused", detail, hint });

const purged = () =>
  conflict("the message's contents were purged or have outlived their time.", "Send the document again from its source.");

/**
 * Begins a new run from the message of another, whole or from a node, on the original or an edited item, on its own
 * version or another. Effects keep their keys, so what stands is not done again: see `decideEffect`.
 */
export async function replayRun(parts: EngineParts, id: string, wish: ReplayWish, actor: string): Promise<ReplayOutcome> {
  const run = await readReplayable(parts.db, id);
  if (!run) return { ok: false, why: "missing" };
  if (run.body === null) return purged();
  const deployed = await parts.deployments.find(run.environment, run.flow);
  if (!deployed) return conflict(`${run.flow} is not deployed in ${run.environment} any more.`, "Deploy it there first.");
  const version = await versionOf(parts, run, deployed, wish.version);
  if ("why" in version) return version;
  const plan = await deployed.plan(version.id, null);
  const unbound = unboundSlot(plan);
  if (unbound) {
    const detail = `slot ${unbound} of version ${version.number} has no connection in ${run.environment}.`;
    return refused(detail, "Bind it in the deployment first.");
  }
  const starts = await startsOf(parts, run, plan, deployed, wish);
  if ("why" in starts) return starts;
  const begun = await insertReplay(
    parts.db,
    {
      of: run.id,
      kind: wish.kind,
      versionId: version.id,
      versionNumber: version.number,
      deploymentId: deployed.deploymentId,
      from: wish.from === run.sourceNode ? null : (wish.from ?? null),
      starts,
      ordered: plan.flow.ordering !== "none",
      held: deployed.state === "paused",
      edited: wish.item !== undefined,
    },
    actor,
  );
  return outcomeOf(begun, deployed);
}

function outcomeOf(begun: Begun, deployed: DeployedFlow): ReplayOutcome {
  if (begun.ok) {
    const { runId, waits, hints } = begun;
    return { ok: true, runId, held: deployed.state === "paused", waitsForDocument: waits, hints };
  }
  if (begun.why === "purged") return purged();
  return conflict("a newer version of this document came after it.", `Replay the newest one instead, run ${begun.run}.`);
}

async function versionOf(
  parts: EngineParts,
  run: ReplayableRun,
  deployed: DeployedFlow,
  number: number | undefined,
): Promise<{ id: string; number: number } | No> {
  if (number === undefined || number === run.version) return { id: run.versionId, number: run.version };
  const known = deployed.versions.find((each) => each.number === number);
  if (known) return known;
  const id = await versionIdOf(parts.db, run.flow, number);
  if (!id) return refused(`${run.flow} has no version ${number}.`, "Name one that was published.");
  if (!run.protected) return { id, number };
  const detail = `version ${number} is not deployed in ${run.environment}, which is protected.`;
  return refused(detail, "Promote it first, or take the version of the run or the one deployed.");
}

/** A slot of a node that works, without a connection. */
const unboundSlot = ({ flow, bindings }: Plan): string | undefined =>
  flow.nodes.find(({ slot, disabled }) => slot !== undefined && !disabled && !Object.hasOwn(bindings, slot))?.slot;

type Start = NewReplay["starts"][number];

async function startsOf(
  parts: EngineParts,
  run: ReplayableRun,
  plan: Plan,
  deployed: DeployedFlow,
  { from, item }: ReplayWish,
): Promise<Start[] | No> {
  const given = item === undefined ? null : JSON.stringify(item);
  const { maxItemBytes } = parts.settings;
  if (given !== null && Buffer.byteLength(given) > maxItemBytes)
    return refused(`the item has more than ${maxItemBytes} bytes.`, "Leave parts of it out.");
  const missing = (node: string) =>
    refused(`the version has no node ${node}.`, "Name a node that the version has, or replay on the run's own version.");
  if (!plan.flow.nodes.some(({ id }) => id === run.sourceNode)) return missing(run.sourceNode);
  if (from === undefined || from === run.sourceNode)
    return [{ node: run.sourceNode, port: entryPort(plan, run.sourceNode), itemPath: "", input: given }];
  const node = plan.flow.nodes.find(({ id }) => id === from);
  if (!node) return missing(from);
  const ports = plan.lock.manifests[node.type]?.inputs ?? [];
  if (ports.length === 0) return refused(`nothing leads into ${from}.`, "Begin from a node that takes items.");
  if (isBetween(plan.flow, from))
    return refused(
      `${from} stands between a split and its join.`,
      "Begin from the split, from behind the join, or replay it whole.",
    );
  const taken = await takenBy(parts, run, deployed, from);
  if ("why" in taken) return taken;
  if (given === null) {
    if (taken.length === 0) return refused(`the run did not come to ${from}.`, "Begin from a node that it reached.");
    return taken;
  }
  const [first, second] = taken;
  if (second)
    return refused(`${from} took several items in the run; an edited one would stand for all.`, "Replay them as they were.");
  return [{ node: from, port: first?.port ?? INTO + ports[0]?.name, itemPath: first?.itemPath ?? "", input: given }];
}

/** Whether a node lies behind a split and before its join: there an item belongs to its siblings. */
export function isBetween(flow: Pick<Flow, "nodes" | "edges">, node: string): boolean {
  const behind = (start: string): Set<string> => {
    const seen = new Set<string>();
    for (const open = [start]; open.length > 0; ) {
      const at = open.pop();
      for (const edge of flow.edges) {
        if (edge.from.node !== at || seen.has(edge.to.node)) continue;
        seen.add(edge.to.node);
        open.push(edge.to.node);
      }
    }
    return seen;
  };
  return flow.nodes.some(({ id, type, config, disabled }) => {
    if (type !== "join" || disabled || typeof config?.split !== "string") return false;
    return behind(config.split).has(node) && (node === id || behind(node).has(id));
  });
}

/** The item that a segment began with; undefined where it was purged. */
function itemOf({ port, input, afterNode, afterInput, afterResult }: BegunTask, plan: Plan): unknown {
  if (input !== null) return JSON.parse(input);
  const node = plan.flow.nodes.find(({ id }) => id === afterNode);
  if (!node || afterInput === null || afterResult === null) return undefined;
  return effectOutputs(plan.lock.manifests[node.type], node, JSON.parse(afterInput), JSON.parse(afterResult))[port ?? "out"];
}

/** What a node took in a run: of an effect as it is recorded, of any other recomputed from the segments. */
async function takenBy(parts: EngineParts, run: ReplayableRun, deployed: DeployedFlow, node: string): Promise<Start[] | No> {
  const plan = await deployed.plan(run.versionId, null);
  const many = () => refused(`${node} took more than ${MOST_ITEMS} items in the run.`, "Replay the whole.");
  const manifest = plan.lock.manifests[plan.flow.nodes.find(({ id }) => id === node)?.type ?? ""];
  if (!manifest) return [];
  if (manifest.kind === "effect") {
    const effects = await begunTasks(parts.db, run.id, { effectsOf: node }, MOST_ITEMS + 1);
    if (effects.length > MOST_ITEMS) return many();
    return effects.map(({ itemPath, input }) => ({ node, port: `${INTO}${manifest.inputs[0]?.name}`, itemPath, input }));
  }
  const segments = await begunTasks(parts.db, run.id, "segments", MOST_ITEMS + 1);
  if (segments.length > MOST_ITEMS) return many();
  const taken = await Promise.all(
    segments.map(async (begun) => {
      const { node: at, port, itemPath, tableRevision } = begun;
      const then = await deployed.plan(run.versionId, tableRevision);
      const item = itemOf(begun, plan);
      if (item === undefined) return [];
      const job = {
        planKey: then.key,
        entry: { node: at, port: port ?? "out" },
        item,
        clock: run.clock,
        trace: true,
      };
      const evaluated = await parts.evaluators.segment(then, job).catch((error: unknown) => {
        if (error instanceof EvaluatorDied) return null;
        throw error;
      });
      const inputs = Object.entries(evaluated?.result.ports?.[node]?.inputs ?? {});
      return inputs.flatMap(([name, items]) =>
        items.map((item): Start => ({ node, port: INTO + name, itemPath, input: JSON.stringify(item ?? null) })),
      );
    }),
  );
  const all = taken.flat();
  return all.length > MOST_ITEMS ? many() : all;
}
