import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { driftOf } from "#nodes/bundle/drift.ts";
import { openBundle } from "#nodes/bundle/openBundle.ts";
import type { Bundle, FileChange, ImportedFlow, ImportReport, ToBind } from "#schemas/bundle.ts";
import { readFiles, readFolder, writeFolder } from "./folder.ts";
import { counted, type Io, type Report } from "./output.ts";
import { mustAsk, type ServerOptions } from "./server.ts";

/** Which state of the flows is meant: their newest versions unless told. */
export interface StateOptions extends ServerOptions {
  drafts?: boolean;
  environment?: string;
}

export interface PushOptions extends ServerOptions {
  publish?: boolean;
  dryRun?: boolean;
  force?: boolean;
  note?: string;
  commit?: string;
}

async function fetchBundle(flows: readonly string[], { drafts, environment, ...options }: StateOptions): Promise<Bundle> {
  const query = new URLSearchParams({
    ...(flows.length === 0 ? {} : { flows: flows.join(",") }),
    ...(drafts ? { of: "drafts" } : {}),
    ...(environment === undefined ? {} : { environment }),
  });
  return mustAsk<Bundle>(options, "GET", `/export?${query}`);
}

/** Writes the flows of a server into a folder, each with what it is made of. */
export async function pull(folder: string, flows: string[], options: StateOptions, io: Io): Promise<Report> {
  const { files, versions } = await fetchBundle(flows, options);
  const path = resolve(io.cwd, folder);
  const { written, unchanged } = await writeFolder(path, files);
  const here = Object.keys(await readFolder(path));
  const strange = flows.length === 0 ? here.filter((file) => file.endsWith(".flow.json") && !Object.hasOwn(files, file)) : [];
  return {
    ok: true,
    text: [
      ...written.map((file) => `written: ${file}`),
      ...strange.map((file) => `not on the server: ${file}`),
      `${counted(Object.keys(versions).length, "flow")}, ${counted(written.length, "file")} written, ${unchanged} unchanged.`,
    ].join("\n"),
    json: { ok: true, versions, written, unchanged, notOnServer: strange },
  };
}

/** Writes the flows of a server into one file, with the hash of each part. */
export async function exportFile(file: string, flows: string[], options: StateOptions, io: Io): Promise<Report> {
  const bundle = await fetchBundle(flows, options);
  await writeFile(resolve(io.cwd, file), `${JSON.stringify(bundle, null, 2)}\n`);
  const { versions, files } = bundle;
  const said = `${file}: ${counted(Object.keys(versions).length, "flow")}, ${counted(Object.keys(files).length, "file")}.`;
  return { ok: true, text: said, json: { ok: true, file, versions, files: Object.keys(files) } };
}

/** Sends the flows of a folder or a bundle to a server: all of them, or, when something is in the way, none. */
export async function push(name: string, options: PushOptions, io: Io): Promise<Report> {
  const bundle = await readFiles(name, io.cwd);
  const { publish = false, force = false, note, commit } = options;
  const origin = { name: basename(resolve(io.cwd, name)), ...(commit === undefined ? {} : { commit }) };
  const wish = { bundle, publish, force, origin, ...(note === undefined ? {} : { note }) };
  const review = await mustAsk<ImportReport>(options, "POST", "/imports", { ...wish, dryRun: true });
  const ok = review.refusals.length === 0;
  if (!ok || options.dryRun) return { ok, text: reportText(review, publish), json: { ok, ...review } };
  const report = await mustAsk<ImportReport>(options, "POST", "/imports", wish);
  return { ok, text: reportText(report, publish), json: { ok, ...report } };
}

/** Says what a server has otherwise than a folder or a bundle; all is well when that is nothing. */
export async function drift(name: string, options: StateOptions, io: Io): Promise<Report> {
  const mine = await readFiles(name, io.cwd);
  const { faults } = openBundle(mine);
  const { files } = await fetchBundle([], options);
  const found = driftOf(mine.files, files);
  const ok = found.length === 0 && faults.length === 0;
  const words = { changed: "differs", onlyFiles: "only in the files", onlyInstalled: "only on the server" } as const;
  const lines = found.map(({ file, standing }) => `${words[standing]}: ${file}`);
  return {
    ok,
    text: [
      ...faults,
      ...lines,
      ok
        ? "The server has what the files say."
        : `${counted(found.length, "file")} ${found.length === 1 ? "differs" : "differ"}.`,
    ].join("\n"),
    json: { ok, drift: found, faults },
  };
}

function reportText({ applied, refusals, notices, flows, bind }: ImportReport, publish: boolean): string {
  return [
    ...flows.flatMap((flow) => flowLines(flow, publish)),
    ...bind.map(bindLine),
    ...notices.map((notice) => `note: ${notice}`),
    ...refusals.map((refusal) => `refused: ${refusal}`),
    applied ? "Done." : refusals.length > 0 ? "Nothing was changed." : "Nothing was changed: this was a dry run.",
  ].join("\n");
}

const drafts: Record<ImportedFlow["draft"], string> = {
  new: "a new flow",
  same: "the draft is the same",
  changed: "the draft changes",
  ahead: "the draft changes, and loses what was never published",
};

function flowLines({ flow, draft, version, changes, problems, samples }: ImportedFlow, publish: boolean): string[] {
  const made = version === null ? "no version can be made" : versionText(version, publish);
  const tried = samples.passed + samples.failed.length;
  return [
    `${flow}: ${drafts[draft]}; ${made}; ${samples.passed} of ${counted(tried, "sample")} passed.`,
    ...changes.map((change) => `  ${changeText(change)}`),
    ...problems.map(({ severity, message }) => `  ${severity}: ${message}`),
    ...samples.changed.map(
      (name) =>
        `  sample ${name} is new or changed${samples.ahead.includes(name) ? ", and loses what was changed on the server" : ""}`,
    ),
    ...samples.failed.map((said) => `  sample ${said}`),
  ];
}

function versionText({ hash, number }: { hash: string; number: number | null }, publish: boolean): string {
  const short = hash.slice(0, 8);
  if (number !== null) return `version ${number} (${short})`;
  return publish ? `a new version (${short})` : `as a version it would be ${short}`;
}

const changeText = ({ kind, name, change, fields }: FileChange): string =>
  [`${kind} ${name} ${change}`, fields.join(", ")].filter(Boolean).join(": ");

const bindLine = ({ flow, environment, slot, connector, choices }: ToBind): string =>
  choices.length === 0
    ? `to bind: slot ${slot} of ${flow} in ${environment} needs a connection of ${connector}`
    : `to bind: slot ${slot} of ${flow} in ${environment} is one of ${choices.join(", ")}`;
