import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { testConnectors } from "./connectorSamples.ts";
import { type DocumentResult, testDocuments } from "./documents.ts";
import { openInstallation } from "./installation.ts";
import { counted, type Io, type Report, table, UserError } from "./output.ts";

/** Where real payloads of the systems may stand, beside the installation. */
const USUAL_FIXTURES = "../shared/fixtures";

/** The samples of all connectors, and what becomes of every document that a mapping makes canonical. */
export async function testCatalog(io: Io, named: string | undefined): Promise<Report> {
  const folder = named === undefined ? join(io.root, USUAL_FIXTURES) : resolve(io.cwd, named);
  const there = existsSync(folder);
  if (named !== undefined && !there) throw new UserError(`The folder ${named} does not exist.`);
  const { catalog } = await openInstallation(io);
  const connectors = await testConnectors(io.root, catalog);
  const documents = await testDocuments(io.root, catalog, there ? folder : undefined);
  const failed = documents.filter(({ state }) => state === "failed");
  const faults = connectors.flatMap((each) => each.faults);
  const count = (state: DocumentResult["state"]) => documents.filter((each) => each.state === state).length;
  const lines = [
    ...faults,
    ...failed.map(({ mapping, file, id, result }) => `${mapping}: ${file} ${id}: ${result}`),
    table(
      ["", "Connector", "Operations", "Samples"],
      connectors.map((each) => [
        each.faults.length === 0 ? "ok" : "FAILED",
        each.connector,
        String(each.operations),
        String(each.samples),
      ]),
    ),
    "",
    table(["", "File", "Document", "Result"], documents.map(row)),
    "",
    `${counted(documents.length, "document")}: ${count("valid")} valid, ${count("refused")} refused for a documented reason, ${count("failed")} failed.`,
    ...(there ? [] : ["Only samples: the fixtures of the systems are not here; name their folder with --fixtures."]),
  ];
  const ok = faults.length === 0 && failed.length === 0;
  return { ok, text: lines.join("\n"), json: { connectors, documents } };
}

/** Longer file names are cut in the middle, so that a row fits a screen. */
const LONGEST_FILE = 48;

function row({ state, file, id, result }: DocumentResult): string[] {
  const half = Math.floor(LONGEST_FILE / 2) - 1;
  const short = file.length <= LONGEST_FILE ? file : `${file.slice(0, half)}…${file.slice(-half)}`;
  return [{ valid: "ok", refused: "refused", failed: "FAILED" }[state], short, id, result];
}
