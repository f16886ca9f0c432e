import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readSandboxConfig, type SandboxConfig } from "./config.ts";
import { type RunningSandbox, startSandbox } from "./server.ts";

/**
 * The sandbox process. Forked, it takes its config as the first IPC message, answers `{ port }` and ends when the channel
 * closes. From a shell: `main.ts --config FILE [--port N] [--data FOLDER]`. Either way it prints one line with its address.
 */

let running: RunningSandbox | undefined;

async function serve(config: SandboxConfig): Promise<number> {
  running = await startSandbox(config);
  console.log(`Sandbox ready at http://127.0.0.1:${running.port}`);
  return running.port;
}

async function end(code: number): Promise<void> {
  await running?.close().catch(() => undefined);
  process.exit(code);
}

function fail(raw: unknown): void {
  console.error(`The sandbox cannot start: ${raw instanceof Error ? raw.message : String(raw)}`);
  process.exit(1);
}

/** Reads the config file; paths in it count from its own folder. */
function configFromArguments(): SandboxConfig {
  const options = { config: { type: "string" }, port: { type: "string" }, data: { type: "string" } } as const;
  const { values } = parseArgs({ options });
  if (values.config === undefined) throw new Error("give --config FILE, a JSON file with data and connections.");
  const file = resolve(values.config);
  const given = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const data = resolve(values.data ?? resolve(dirname(file), String(given.data ?? "sandbox")));
  process.chdir(dirname(file));
  return readSandboxConfig({ ...given, data, ...(values.port === undefined ? {} : { port: Number(values.port) }) });
}

process.on("SIGTERM", () => void end(0));
process.on("SIGINT", () => void end(0));

if (process.send) {
  process.on("disconnect", () => void end(0));
  process.once("message", (message) => {
    Promise.resolve()
      .then(() => serve(readSandboxConfig(message)))
      .then((port) => process.send?.({ port }))
      .catch(fail);
  });
} else {
  Promise.resolve().then(configFromArguments).then(serve).catch(fail);
}
