import { join, resolve } from "node:path";
import type { DryRun } from "#nodes/dryRun/dryRun.ts";
import type { Flow } from "#schemas/flow.ts";
import { type FlowSample, portDifferences } from "#schemas/sample.ts";
import { validateSample } from "#schemas/validate/sample.ts";
import { type Execution, execute, type OpenedFlow, openFlow, outcomeOf } from "./execute.ts";
import { displayName, filesEnding, readJsonFile } from "./files.ts";

import { type Installation, openInstallation } from "./installation.ts";
import { counted, type Io, type Report, table, UserError } from "./output.ts";
import { errorsIn, problemLines } from "./problems.ts";
import { testCatalog } from "./testCatalog.ts";
import { samplesFolder } from "./validate.ts";

/** Samples see this time and these random numbers, so that they come out the same tomorrow. */
const sampleClock = { now: "2026-01-15T12:00:00.000Z", seed: "sample" };

export interface SampleResult {
  flow: string;
  sample: string;
  expected: string;
  got: string;
  ok: boolean;
  /** A sentence for each thing that is not as expected. */
  differences: string[];
}

/**
 * `test [FILE...]`: runs the samples of the flows that are named; without a name those of all flows and connectors of the
 * installation, and the fixtures of their systems where there are some.
 */
export async function testFlows(names: readonly string[], io: Io, fixtures?: string): Promise<Report> {
  if (names.length > 0) return testNamed(names, io);
  const flows = await testNamed([], io);
  const connectors = await testCatalog(io, fixtures);
  return {
    ok: flows.ok && connectors.ok,
    text: [connectors.text, flows.text].join("\n\n"),
    json: { ...flows.json, ...connectors.json, ok: flows.ok && connectors.ok },
  };
}

async function testNamed(names: readonly string[], io: Io): Promise<Report> {
  const installation = await openInstallation(io);
  const files = names.length > 0 ? names.map((name) => resolve(io.cwd, name)) : await allFlows(io.root);
  const results: SampleResult[] = [];
  const faults: string[] = [];
  for (const file of files) {
    const tested = await testFlow(file, installation, io.cwd);
    results.push(...tested.results);
    faults.push(...tested.faults);
  }
  const failed = results.filter((result) => !result.ok).length;
  const ok = failed === 0 && faults.length === 0;
  const rows = results.map((result) => [result.ok ? "ok" : "FAILED", result.flow, result.sample, result.expected, result.got]);
  const details = results.flatMap(({ flow, sample, differences }) => differences.map((line) => `${flow}/${sample}: ${line}`));
  const summary =
    failed === 0 ? `${counted(results.length, "sample")} passed.` : `${failed} of ${counted(results.length, "sample")} failed.`;
  const shown = results.length === 0 ? [] : [table(["", "Flow", "Sample", "Expected", "Got"], rows), summary];
  return { ok, text: [...faults, ...details, ...shown].join("\n"), json: { ok, results, faults } };
}

async function allFlows(root: string): Promise<string[]> {
  const folder = join(root, "flows");
  const names = await filesEnding(folder, ".flow.json");
  if (names.length === 0) throw new UserError("There are no flows in the folder flows; name a file.");
  return names.map((name) => join(folder, name));
}

interface Tested {
  results: SampleResult[];
  faults: string[];
}

async function testFlow(file: string, installation: Installation, cwd: string): Promise<Tested> {
  const opened = await openFlow(file, installation, cwd);
  if ("problems" in opened) return { results: [], faults: problemLines({ file: opened.file, problems: opened.problems }) };
  const { flow } = opened;
  const folder = samplesFolder(file, flow.id);
  const names = await filesEnding(folder, ".sample.json");
  if (names.length === 0) {
    const wanted = displayName(join(folder, "NAME.sample.json"), cwd);
    return { results: [], faults: [`${opened.file}: The flow has no samples, so nothing was tested. Add one as ${wanted}.`] };
  }
  const tested: Tested = { results: [], faults: [] };
  for (const name of names) {
    const read = await readSample(join(folder, name), flow, installation, cwd);
    if ("faults" in read) tested.faults.push(...read.faults);
    else tested.results.push(await testSample(opened, read.sample));
  }
  return tested;
}

type ReadSample = { sample: FlowSample } | { faults: string[] };

async function readSample(path: string, flow: Flow, { catalog }: Installation, cwd: string): Promise<ReadSample> {
  const read = await readJsonFile(path, cwd);
  const problems = "problem" in read ? [read.problem] : validateSample(read.document, { flow, manifests: catalog.manifests });
  if (errorsIn(problems).length > 0) return { faults: problemLines({ file: read.file, problems }) };
  const sample = (read as { document: unknown }).document as FlowSample;
  if (path.endsWith(`/${sample.name}.sample.json`)) return { sample };
  return { faults: [`${read.file}: The sample is called "${sample.name}"; name its file ${sample.name}.sample.json.`] };
}

/** Runs one sample on a plan; `parts` are the evaluators of a server, in whose process nothing is evaluated. */
export async function testSample(
  { plan, others }: Pick<OpenedFlow, "plan" | "others">,
  sample: FlowSample,
  parts: Execution["parts"] = {},
): Promise<SampleResult> {
  const { answers, messages, tables, input: item } = sample;
  const clock = { runId: sample.name, ...sampleClock, sourceNode: sample.source };
  const run = await execute(plan, { item, clock, others, answers, messages, tables, parts });
  const differences = [...outcomeDifferences(run, sample), ...portsDifferences(run, sample)];
  return {
    flow: plan.flow.id,
    sample: sample.name,
    expected: sample.expect.outcome,
    got: outcomeOf(run),
    ok: differences.length === 0,
    differences,
  };
}

function outcomeDifferences(run: DryRun, { expect }: FlowSample): string[] {
  const [failure] = run.failures;
  const got = outcomeOf(run);
  if (got !== expect.outcome) {
    const why = failure ? ` Node "${failure.node}" failed: ${failure.reason.message}` : "";
    return [`Ended ${got}, not ${expect.outcome}.${why}`];
  }
  if (expect.node === undefined || failure?.node === expect.node) return [];
  return [`Ended at node "${failure?.node ?? "none"}", not at "${expect.node}".`];
}

function portsDifferences(run: DryRun, { expect }: FlowSample): string[] {
  return Object.entries(expect.ports ?? {}).flatMap(([node, ports]) =>
    Object.entries(ports).flatMap(([port, expected]) => {
      const data = run.nodes[node];
      const items = data?.outputs[port] ?? data?.inputs[port] ?? [];
      if (items.length > 1) return [`${node}.${port} carried ${items.length} items, where one is expected.`];
      return portDifferences(expected, items[0]).map((difference) => `${node}.${port}: ${difference}`);
    }),
  );
}
