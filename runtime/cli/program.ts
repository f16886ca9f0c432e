import { Command, CommanderError } from "commander";
import { version } from "#runtime/version.ts";
import { checkConnector } from "./checkConnector.ts";
import { type Io, type Report, UserError } from "./output.ts";
import { type RunOptions, runFlow } from "./runFlow.ts";
import { testFlows } from "./testFlows.ts";
import { validateFiles } from "./validate.ts";

/** Runs one command line (without `node` and script) and gives the exit code: 0 only when all is well. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  let code = 0;
  // Known before parsing too: also wrong usage is answered as JSON then.
  const json = args.includes("--json");
  const show = (report: Report): void => {
    io.out(json ? JSON.stringify(report.json, null, 2) : report.text);
    code = report.ok ? 0 : 1;
  };
  const fail = (message: string): number => {
    if (json) io.out(JSON.stringify({ ok: false, error: message }, null, 2));
    else io.err(message);
    return 1;
  };
  try {
    await program(io, json, show).parseAsync([...args], { from: "user" });
    return code;
  } catch (raw) {
    if (raw instanceof CommanderError && raw.exitCode === 0) return 0;
    // Without a command commander has shown the help already.
    if (raw instanceof CommanderError && raw.code === "commander.help") return json ? fail(`Name a command. ${useHelp}`) : 1;
    if (raw instanceof CommanderError) return fail(`${sentence(raw.message)} ${useHelp}`);
    if (raw instanceof UserError) return fail(raw.message);
    throw raw;
  }
}

const useHelp = "Use --help to see the commands and their options.";

/** Commander's complaint as a sentence. */
function sentence(complaint: string): string {
  const text = complaint
    .replace(/^error: /, "")
    .replace(/\s*\((Did you mean .*\?)\)$/, ". $1")
    .trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

const asJson = ["--json", "print JSON for machines"] as const;
const collect = (value: string, all: string[]): string[] => [...all, value];

function program(io: Io, json: boolean, show: (report: Report) => void): Command {
  const root = new Command("orderloom")
    .description("Checks and runs Orderloom's flows and connectors from their files.")
    .version(version, "--version", "print the version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      // Errors are thrown and said once, by runCli.
      writeErr: (text) => (json || text.startsWith("error:") ? undefined : io.err(text.trimEnd())),
    });
  root
    .command("validate")
    .description("check flow files (also connector and sample files)")
    .argument("<file...>", "flow files")
    .option(...asJson)
    .action(async (files: string[]) => show(await validateFiles(files, io)));
  root
    .command("test")
    .description("run the samples of flows and compare with what they expect; of all flows when no file is given")
    .argument("[file...]", "flow files")
    .option(...asJson)
    .action(async (files: string[]) => show(await testFlows(files, io)));
  root
    .command("run")
    .description("run a flow once on a message, with simulated systems; shows what every port carried")
    .argument("<file>", "flow file")
    .requiredOption("--message <input>", "JSON file or sample file of the message; - for the standard input")
    .option("--source <node>", "source node through which the message comes; needed when the flow has several")
    .option("--header <name=value>", "header of the message; may be repeated", collect, [])
    .option(...asJson)
    .action(async (file: string, options: RunOptions) => show(await runFlow(file, options, io)));
  root
    .command("connector")
    .description("work on connector files")
    .command("check")
    .description("check a connector file with the mappings and samples beside it")
    .argument("<file>", "connector file")
    .option(...asJson)
    .action(async (file: string) => show(await checkConnector(file, io)));
  return root;
}
