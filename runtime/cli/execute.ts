import { compilePlan } from "#nodes/compilePlan.ts";
import { makeLock } from "#nodes/lock.ts";
import type { Plan, RunClock } from "#nodes/plan.ts";
import { type DryRun, dryRun } from "#runtime/engine/dryRun.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { requireJson } from "./files.ts";
import type { Installation } from "./installation.ts";
import { errorsIn } from "./problems.ts";
import { type RecordedAnswer, simulatedBindings, simulatedSystems } from "./simulated.ts";

/** A flow file ready to run, or what is wrong with it. */
export type OpenFlow = { file: string; flow: Flow; plan: Plan } | { file: string; problems: Problem[] };

/** Reads, checks and compiles a flow file, bound to the simulated systems. Throws UserError when it is no JSON. */
export async function openFlow(name: string, installation: Installation, cwd: string): Promise<OpenFlow> {
  const { file, document } = await requireJson(name, cwd);
  const problems = validateFlow(document, installation.flowContext);
  if (errorsIn(problems).length > 0) return { file, problems };
  const flow = document as Flow;
  const { catalog } = installation;
  const bindings = simulatedBindings(flow, catalog.connectors);
  return { file, flow, plan: compilePlan({ environment: "dev", flow, lock: makeLock(flow, catalog), bindings }) };
}

/** One execution on fresh simulated systems. */
export async function execute(
  plan: Plan,
  item: unknown,
  clock: RunClock,
  answers?: Readonly<Record<string, RecordedAnswer>>,
): Promise<DryRun> {
  const systems = await simulatedSystems(plan, answers);
  try {
    return await dryRun(plan, item, clock, systems);
  } finally {
    await systems.close();
  }
}

/** How a run ended, in the word of a sample's `expect`: `SUCCEEDED`, or the class of its first failure. */
export const outcomeOf = (run: DryRun): string => run.failures[0]?.class ?? "SUCCEEDED";
