import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { flowFileText } from "#nodes/bundle/flowFile.ts";
import { type NodeUpdate, type Updated, updatesOf, withUpdates } from "#nodes/migrate/updates.ts";
import type { Change } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import { flowShape } from "#schemas/validate/shape.ts";
import { requireJson } from "./files.ts";
import { openInstallation } from "./installation.ts";
import { counted, type Io, type Report, UserError } from "./output.ts";

export interface MigrateOptions {
  deprecated?: boolean;
  check?: boolean;
}

interface MigratedFile {
  file: string;
  updates: NodeUpdate[];
  failures: { node: string; message: string }[];
}

/** `migrate FILE...`: brings the nodes of flow files to the settings that their types have here. A file that needs nothing is not touched. */
export async function migrateFiles(names: readonly string[], options: MigrateOptions, io: Io): Promise<Report> {
  const { catalog } = await openInstallation(io);
  const files: MigratedFile[] = [];
  for (const name of names) {
    const { file, document } = await requireJson(name, io.cwd);
    const flow = asFlow(file, document);
    const found = await updatesOf(flow, catalog, { deprecated: options.deprecated === true });
    const updates = found.flatMap((one) => (one.ok ? [one.update] : []));
    files.push({ file, updates, failures: found.flatMap(failureOf) });
    if (updates.length > 0 && !options.check) await writeFile(resolve(io.cwd, name), flowFileText(withUpdates(flow, updates)));
  }
  const updated = files.reduce((sum, { updates }) => sum + updates.length, 0);
  const failed = files.some(({ failures }) => failures.length > 0);
  const ok = !failed && !(options.check && updated > 0);
  return { ok, text: [...files.flatMap(linesOf), summary(updated, files.length, options)].join("\n"), json: { ok, files } };
}

const failureOf = (one: Updated) => (one.ok ? [] : [{ node: one.node, message: one.message }]);

function asFlow(file: string, document: unknown): Flow {
  if (typeof document === "object" && document !== null && "kind" in document && document.kind === "flow") {
    if (flowShape(document).length === 0) return document as Flow;
    throw new UserError(`${file} is no sound flow file; \`validate\` says what is wrong with it.`);
  }
  throw new UserError(`${file} is no flow file: only nodes of flows are migrated.`);
}

function linesOf({ file, updates, failures }: MigratedFile): string[] {
  return [
    ...updates.flatMap(({ node, before, after, changes, notes }) => [
      `${file}: ${node}: ${before.type} ${before.version ?? 1} -> ${after.type} ${after.version ?? 1}`,
      ...changes.filter(({ pointer }) => pointer.startsWith("/config")).map((change) => `  ${changeText(change)}`),
      ...notes.map((note) => `  ${note}`),
    ]),
    ...failures.map(({ node, message }) => `${file}: ${node}: ${message}`),
  ];
}

const changeText = ({ pointer, before, after }: Change): string =>
  `${pointer}: ${before === undefined ? "(nothing)" : JSON.stringify(before)} -> ${after === undefined ? "(nothing)" : JSON.stringify(after)}`;

function summary(updated: number, files: number, { check }: MigrateOptions): string {
  const where = `in ${counted(files, "file")}`;
  if (updated === 0) return `Every node has the settings of its type here, ${where}.`;
  return check ? `${counted(updated, "node")} to update ${where}.` : `${counted(updated, "node")} updated ${where}.`;
}
