import { resolve } from "node:path";
import { allConnectorProblems } from "#nodes/connector/check.ts";
import type { Connector } from "#schemas/connector.ts";
import { readJsonFile } from "./files.ts";
import { connectorFiles } from "./installation.ts";
import { counted, type Io, type Report, table } from "./output.ts";
import { errorsIn, problemLines, problemSummary } from "./problems.ts";

/** `connector check FILE`: everything that is wrong with a connector file, else what it offers. */
export async function checkConnector(name: string, io: Io): Promise<Report> {
  const read = await readJsonFile(name, io.cwd);
  const { file } = read;
  const problems =
    "problem" in read ? [read.problem] : await allConnectorProblems(read.document, await connectorFiles(resolve(io.cwd, name)));
  const ok = errorsIn(problems).length === 0;
  const files = [{ file, problems }];
  const lines = [...problemLines({ file, problems }), problemSummary(files)];
  if (!ok || !("document" in read)) return { ok, text: lines.join("\n"), json: { ok, file, problems } };
  const connector = read.document as Connector;
  const operations = Object.entries(connector.operations).map(([operation, declared]) => ({
    operation,
    kind: declared.kind,
    transport: declared.transport,
    idempotency: declared.kind === "source" ? null : declared.idempotency.mode,
  }));
  const routes = connector.simulator?.routes.length ?? 0;
  const offer = [
    `${connector.title} ${connector.version} (${connector.id}), ${counted(operations.length, "operation")}, ${routes === 0 ? "no simulator routes" : `simulator with ${counted(routes, "route")}`}`,
    table(
      ["Operation", "Kind", "Transport", "Idempotency"],
      operations.map(({ operation, kind, transport, idempotency }) => [operation, kind, transport, idempotency ?? ""]),
    ),
  ];
  return { ok, text: [...lines, ...offer].join("\n"), json: { ok, file, problems, connector: connector.id, operations } };
}
