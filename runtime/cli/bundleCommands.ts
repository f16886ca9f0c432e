import type { Command } from "commander";
import { drift, exportFile, type PushOptions, pull, push, type StateOptions } from "./bundles.ts";
import type { Io, Report } from "./output.ts";
import { urlOption } from "./server.ts";

const asJson = ["--json", "print JSON for machines"] as const;

/** Commands that bring flows from a running server into files, and back. */
export function bundleCommands(root: Command, io: Io, show: (report: Report) => void): void {
  const stateOf = (command: Command): Command =>
    command
      .option("--drafts", "drafts in the place of the newest versions")
      .option("--environment <id>", "what this environment runs, in their place")
      .option(...urlOption)
      .option(...asJson);
  const pushOf = (command: Command): Command =>
    command
      .option("--publish", "also make versions; else drafts alone")
      .option("--dry-run", "only say what would change")
      .option("--force", "also over drafts and samples whose changes were never published")
      .option("--note <text>", "what is new in the versions")
      .option("--commit <hash>", "commit that the files are of, kept with the flows")
      .option(...urlOption)
      .option(...asJson);
  stateOf(
    root
      .command("pull")
      .description("write the flows of a running server, with all that they are made of, into a folder")
      .argument("<folder>", "where the files are to stand")
      .argument("[flow...]", "ids of flows; all without one"),
  ).action(async (folder: string, flows: string[], options: StateOptions) => show(await pull(folder, flows, options, io)));
  pushOf(
    root
      .command("push")
      .description("send the flows of a folder to a running server; all of them or none")
      .argument("<folder>", "folder with flows/ID.flow.json"),
  ).action(async (folder: string, options: PushOptions) => show(await push(folder, options, io)));
  stateOf(
    root
      .command("export")
      .description("write flows of a running server, with all that they are made of, into one file")
      .argument("<file>", "the bundle to write")
      .argument("[flow...]", "ids of flows; all without one"),
  ).action(async (file: string, flows: string[], options: StateOptions) => show(await exportFile(file, flows, options, io)));
  pushOf(
    root
      .command("import")
      .description("take the flows of a bundle into a running server; all of them or none")
      .argument("<file>", "bundle that was exported"),
  ).action(async (file: string, options: PushOptions) => show(await push(file, options, io)));
  stateOf(
    root
      .command("drift")
      .description("say what a running server has otherwise than files; fails when it is something")
      .argument("<files>", "folder or bundle"),
  ).action(async (files: string, options: StateOptions) => show(await drift(files, options, io)));
}
