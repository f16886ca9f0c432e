import { Command, CommanderError } from "commander";
import { version } from "#runtime/version.ts";
import { type CanarySettings, usualCanary } from "#schemas/canary.ts";
import { type VerifyOptions, verifyAudit } from "./audit.ts";
import { bundleCommands } from "./bundleCommands.ts";
import { checkConnector } from "./checkConnector.ts";
import { type CloseOptions, closeDeadLetters, type ListOptions, listDeadLetters, showDeadLetter } from "./deadLetters.ts";
import { listKeys, rotateKeys } from "./keys.ts";
import { type MigrateOptions, migrateFiles } from "./migrate.ts";
import { type Io, type Report, UserError } from "./output.ts";
import { type PromoteOptions, promote } from "./promote.ts";
import { type ReplayOptions, replayRuns } from "./replay.ts";
import { type RunOptions, runFlow } from "./runFlow.ts";
import { type ServerOptions, urlOption } from "./server.ts";
import { subscriptionCommands } from "./subscriptions.ts";
import { tableCommands } from "./tableCommands.ts";
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
    .description(
      "Checks and runs Orderloom's flows and connectors from their files; brings flows of a server into files and back, promotes them, replays runs and handles dead letters.",
    )
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
    .command("migrate")
    .description("bring the nodes of flow files to the settings that their node types have here, and show what changes")
    .argument("<file...>", "flow files; each is written only where something changes")
    .option("--deprecated", "also give up deprecated operations for those that stand in their place")
    .option("--check", "write nothing; exit 1 when something would change")
    .option(...asJson)
    .action(async (files: string[], options: MigrateOptions) => show(await migrateFiles(files, options, io)));
  root
    .command("test")
    .description("run the samples of flows and compare with what they expect; without a file those of all flows and connectors")
    .argument("[file...]", "flow files")
    .option("--fixtures <folder>", "real payloads of the systems, mapped as well; ../shared/fixtures where that is there")
    .option(...asJson)
    .action(async (files: string[], { fixtures }: { fixtures?: string }) => show(await testFlows(files, io, fixtures)));
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
  serverCommands(root, io, show);
  bundleCommands(root, io, show);
  tableCommands(root, io, show);
  subscriptionCommands(root, show);
  return root;
}

const usual = (name: keyof CanarySettings): string => String(usualCanary[name]);
const filter = ["--filter <name=value>", "what to take; may be repeated", collect, [] as string[]] as const;

/** Commands that ask a running server. */
function serverCommands(root: Command, io: Io, show: (report: Report) => void): void {
  root
    .command("replay")
    .description("begin new runs from messages that came before, on a running server")
    .argument("[run...]", "ids of runs; or all ended runs that fit a --filter")
    .option(...filter)
    .option("--limit <number>", "with a filter: how many at most, the oldest first; 0 only counts", "100")
    .option("--lane <lane>", "with a filter: replay, or backfill for old times", "replay")
    .option("--from <node>", "node to begin from, on what it took; the whole without it")
    .option("--on <version>", "version of the flow; the run's own without it")
    .option("--item <file>", "JSON file to begin with in the place of the message or item; for one run")
    .option(...urlOption)
    .option(...asJson)
    .action(async (runs: string[], options: ReplayOptions) => show(await replayRuns(runs, options, io)));
  root
    .command("audit")
    .description("check the audit of a running server")
    .command("verify")
    .description("make every hash of the chain anew and say whether it is whole")
    .option("--file <file>", "an export in the place of the server's audit")
    .option("--head <hash>", "a head that was kept: the chain must hold it")
    .option(...urlOption)
    .option(...asJson)
    .action(async (options: VerifyOptions) => show(await verifyAudit(options, io)));
  const keys = root.command("keys").description("the keys that seal the secrets of connections on a running server");
  keys
    .command("list")
    .description("the keys, and how many secrets each has sealed")
    .option(...urlOption)
    .option(...asJson)
    .action(async (options: ServerOptions) => show(await listKeys(options)));
  keys
    .command("rotate")
    .description("take a new key into use, encrypt all secrets anew, retire the old key; goes on with one broken off")
    .option(...urlOption)
    .option(...asJson)
    .action(async (options: ServerOptions) => show(await rotateKeys(options)));
  root
    .command("promote")
    .description("review a version for an environment, and request its promotion, on a running server")
    .argument("<flow>", "id of the flow")
    .requiredOption("--to <environment>", "where it is to run")
    .option("--on <version>", "version of the flow; the newest without it")
    .option("--messages <number>", "how many of the last messages both versions are tried on", "200")
    .option("--messages-from <environment>", "whose messages; the environment's own without it")
    .option("--slot <slot=connection>", "binds a slot to a connection of the environment; may be repeated", collect, [])
    .option("--note <text>", "why now")
    .option("--acknowledge <risk>", "a risk by its name, such as effectKey:erp; may be repeated", collect, [])
    .option("--at <time>", "when to activate it, ISO 8601; at once, or once approved, without it")
    .option("--canary <percent>", "begin with a share of new messages, chosen by their keys")
    .option("--minimum <number>", "of a canary: messages that its error rate is over, at least", usual("minimumMessages"))
    .option("--tolerance <points>", "of a canary: percentage points by which it may fail more often", usual("tolerance"))
    .option("--window <minutes>", "of a canary: messages that came before that do not count", usual("windowMinutes"))
    .option("--dry-run", "review only")
    .option(...urlOption)
    .option(...asJson)
    .action(async (flow: string, options: PromoteOptions) => show(await promote(flow, options)));
  const letters = root.command("dead-letters").description("see, retry and resolve dead letters on a running server");
  letters
    .command("list")
    .description("the newest dead letters that fit; the open ones when no state is named")
    .option(...filter)
    .option("--limit <number>", "how many at most", "50")
    .option(...urlOption)
    .option(...asJson)
    .action(async (options: ListOptions) => show(await listDeadLetters(options)));
  letters
    .command("show")
    .description("one dead letter with its item, effect and attempts")
    .argument("<id>", "dead letter")
    .option(...urlOption)
    .option(...asJson)
    .action(async (id: string, options: ServerOptions) => show(await showDeadLetter(id, options)));
  for (const action of ["retry", "resolve"] as const) {
    const command = letters
      .command(action)
      .description(action === "retry" ? "try the tasks again, with all their attempts" : "close without another try")
      .argument("[id...]", "dead letters; or all open ones that fit a --filter")
      .option(...filter)
      .option("--limit <number>", "with a filter: how many at most, the oldest first", "100")
      .option(...urlOption)
      .option(...asJson)
      .action(async (ids: string[], options: CloseOptions) => show(await closeDeadLetters(action, ids, options, io)));
    if (action === "retry") command.option("--item <file>", "JSON file to retry one dead letter with");
    else command.requiredOption("--note <text>", "what was done about the documents");
  }
}
