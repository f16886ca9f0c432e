import { text } from "node:stream/consumers";
import { fromRoot } from "#runtime/root.ts";
import { runCli } from "./program.ts";

// npm changes into the project's folder; INIT_CWD is where the user stands.
const cwd = process.env.INIT_CWD ?? process.cwd();

process.exitCode = await runCli(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  cwd,
  root: fromRoot(),
  readStdin: () => text(process.stdin),
});
