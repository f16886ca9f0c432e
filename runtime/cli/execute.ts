import { dirname, join, resolve } from "node:path";
import { compilePlan } from "#nodes/compilePlan.ts";
import { type DryRun, type DryRunParts, dryRun, type SubFlowCall, type SubFlowEnd } from "#nodes/dryRun/dryRun.ts";
import { makeLock } from "#nodes/lock.ts";
import type { Plan, RunClock } from "#nodes/plan.ts";
import { sampleTables, withTables } from "#nodes/planTables.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import type { FlowSample } from "#schemas/sample.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { quote } from "#schemas/validate/wording.ts";
import { filesEnding, requireJson } from "./files.ts";
import type { Installation } from "./installation.ts";
import { errorsIn } from "./problems.ts";
import { type RecordedAnswer, simulatedBindings, simulatedSystems } from "./simulated.ts";

/** Sub-flows call each other no deeper than the engine lets them. */
const MAX_DEPTH = 8;

/** The plan of another flow, by its id; undefined when there is no such flow. Rejects when it has errors. */
export type FindFlow = (id: string) => Promise<Plan | undefined>;

/** A flow file ready to run, with the flows beside it that it may call. */
export interface OpenedFlow {
  file: string;
  flow: Flow;
  plan: Plan;
  others: FindFlow;
}

/** Or what is wrong with it. */
export type OpenFlow = OpenedFlow | { file: string; problems: Problem[] };

/** Reads, checks and compiles a flow file, bound to the simulated systems. Throws UserError when it is no JSON. */
export async function openFlow(name: string, installation: Installation, cwd: string): Promise<OpenFlow> {
  const { file, document } = await requireJson(name, cwd);
  const problems = validateFlow(document, installation.flowContext);
  if (errorsIn(problems).length > 0) return { file, problems };
  const flow = document as Flow;
  const { catalog } = installation;
  const bindings = simulatedBindings(flow, catalog.connectors);
  const plan = compilePlan({ environment: "dev", flow, lock: makeLock(flow, catalog), bindings });
  return { file, flow, plan, others: flowsBeside(dirname(resolve(cwd, name)), installation) };
}

function flowsBeside(folder: string, installation: Installation): FindFlow {
  return async (id) => {
    const name = `${id}.flow.json`;
    if (!(await filesEnding(folder, ".flow.json")).includes(name)) return undefined;
    const opened = await openFlow(join(folder, name), installation, folder);
    if ("plan" in opened) return opened.plan;
    throw new Error(`The flow ${quote(id)} has errors; run: orderloom validate ${opened.file}`);
  };
}

/** What a run is given besides the flow. */
export interface Execution {
  item: unknown;
  clock: RunClock;
  others: FindFlow;
  answers?: FlowSample["answers"] | undefined;
  messages?: FlowSample["messages"] | undefined;
  tables?: FlowSample["tables"] | undefined;
  /** In this process when absent. */
  parts?: Pick<DryRunParts, "evaluate" | "read"> | undefined;
}

/** One execution on fresh simulated systems. A sub-flow has systems of its own. */
export async function execute(bare: Plan, execution: Execution, depth = 0): Promise<DryRun> {
  const { item, clock, answers = {}, messages, tables, parts } = execution;
  const plan = withTables(bare, sampleTables(bare.flow, tables));
  const systems = await simulatedSystems(plan, answers);
  try {
    return await dryRun(plan, item, clock, {
      ...parts,
      perform: systems.perform,
      subFlow: (call) => {
        const answer = Object.hasOwn(answers, call.node) ? answers[call.node] : undefined;
        return answer ? Promise.resolve(recordedEnd(answer, call)) : runBelow(execution, call, depth);
      },
      ...(messages === undefined ? {} : { messages }),
    });
  } finally {
    await systems.close();
  }
}

/** A recorded answer as the end of the run that would have given it. */
function recordedEnd({ status, body }: RecordedAnswer, { node }: SubFlowCall): SubFlowEnd {
  if (status < 400) {
    return { state: "SUCCEEDED", waiting: false, response: body === undefined ? null : { status, body }, failures: [] };
  }
  const reason = { code: "sample.answer", message: `The sample answers for node ${quote(node)} with the status ${status}.` };
  return { state: "DEAD", waiting: false, response: null, failures: [{ node, itemPath: "", class: "rejected", reason }] };
}

async function runBelow(
  { clock, others, tables, parts }: Execution,
  { node, flow, item }: SubFlowCall,
  depth: number,
): Promise<SubFlowEnd | undefined> {
  const plan = await others(flow);
  if (!plan) return undefined;
  if (depth >= MAX_DEPTH) throw new Error(`Sub-flows call each other more than ${MAX_DEPTH} deep.`);
  const source = plan.flow.nodes.find(({ type, disabled }) => type === "sub-flow-input" && !disabled);
  if (!source) throw new Error(`The flow ${quote(flow)} has no Sub-flow input; add one to it.`);
  const below = { ...clock, runId: `${clock.runId}/${node}`, seed: `${clock.seed}/${node}`, sourceNode: source.id };
  return execute(plan, { item, clock: below, others, tables, parts }, depth + 1);
}

/** How a run ended, in the word of a sample's `expect`: `SUCCEEDED`, or the class of its first failure. */
export const outcomeOf = (run: DryRun): string => run.failures[0]?.class ?? "SUCCEEDED";
