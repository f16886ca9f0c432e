import { dirname, resolve } from "node:path";
import { allConnectorProblems } from "#nodes/connector/check.ts";
import type { Problem } from "#schemas/problem.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { validateSample } from "#schemas/validate/sample.ts";
import { readJsonFile } from "./files.ts";
import { connectorFiles, type Installation, openInstallation } from "./installation.ts";
import type { Io, Report } from "./output.ts";
import { errorsIn, type FileProblems, problemLines, problemSummary } from "./problems.ts";

/** `validate FILE...`: flows; files that call themselves connectors, or end in `.sample.json`, are checked as such. */
export async function validateFiles(names: readonly string[], io: Io): Promise<Report> {
  const installation = await openInstallation(io);
  const files: FileProblems[] = [];
  for (const name of names) files.push(await validateFile(name, installation, io.cwd));
  const ok = files.every(({ problems }) => errorsIn(problems).length === 0);
  const lines = [...files.flatMap(problemLines), problemSummary(files)];
  return { ok, text: lines.join("\n"), json: { ok, files } };
}

async function validateFile(name: string, installation: Installation, cwd: string): Promise<FileProblems> {
  const read = await readJsonFile(name, cwd);
  if ("problem" in read) return { file: read.file, problems: [read.problem] };
  const { file, document } = read;
  return { file, problems: await documentProblems(resolve(cwd, name), document, installation) };
}

async function documentProblems(path: string, document: unknown, installation: Installation): Promise<Problem[]> {
  const kind = typeof document === "object" && document !== null && "kind" in document ? document.kind : undefined;
  if (path.endsWith(".sample.json")) return validateSample(document);
  if (kind === "connector") return allConnectorProblems(document, await connectorFiles(path));
  return validateFlow(document, installation.flowContext);
}

/** The folder in which the samples of a flow stand: `samples/<flow id>` beside the flow's file. */
export const samplesFolder = (flowPath: string, flowId: string): string => resolve(dirname(flowPath), "samples", flowId);
