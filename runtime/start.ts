import { isLoopback } from "./api/loopback.ts";
import { openLog } from "./log.ts";
import { type Service, startService } from "./service.ts";
import { readSettings, type Settings } from "./settings.ts";
import { openDatabase } from "./store/database.ts";
import { startEmbedded } from "./store/embedded/start.ts";
import { migrate } from "./store/migrate.ts";
import { isSetUp } from "./store/people.ts";

/** How long a stop waits for requests and tasks under way; then the rest is given back. */
const GRACE_MS = 8_000;

/** A stop that takes longer than this has hung. */
const STOP_LIMIT_MS = 30_000;

/** How soon a server whose npm was ended notices. */
const ORPHAN_CHECK_MS = 1_000;

const log = openLog(process.env.LOG_LEVEL || "warn");

/** Starts what the role asks for and prints one line with the address when ready. */
async function main(): Promise<void> {
  const settings = readSettings();
  const stops: (() => Promise<void>)[] = [];
  const shutDown = once(async () => {
    for (const stop of stops.reverse()) {
      await stop().catch((error: unknown) => log.error({ error: String(error) }, "A part did not stop cleanly."));
    }
  });
  const started = start(settings, stops);
  // A stop asked for while something is starting waits for it: what is half started could not be stopped.
  onStop(() => started.then(shutDown, shutDown));
  try {
    process.stdout.write(`${await started}\n`);
  } catch (error) {
    await shutDown();
    throw error;
  }
}

/** Starts the parts, each with its stop; answers the line that says so. */
async function start(settings: Settings, stops: (() => Promise<void>)[]): Promise<string> {
  const address = `http://${settings.host.includes(":") ? `[${settings.host}]` : settings.host}:${settings.port}`;
  const url = settings.databaseUrl ?? (await embedded(settings, address, stops));
  await migrate(url);
  await refuseOpenServer(settings, url);
  const service = await startService(settings, url, log);
  stops.push(() => service.stop(GRACE_MS));
  return readyLine(service, settings);
}

async function embedded(settings: Settings, address: string, stops: (() => Promise<void>)[]): Promise<string> {
  if (settings.role !== "all") {
    throw new Error(`ORDERLOOM_ROLE=${settings.role} needs DATABASE_URL: processes that share the work share a database.`);
  }
  const server = await startEmbedded(settings.home, address);
  stops.push(() => server.stop());
  return server.url;
}

function readyLine(service: Service, settings: Settings): string {
  return service.address ? `Orderloom is ready at ${service.address}` : `Orderloom ${settings.role} is ready`;
}

/** Before anybody can sign in, nobody is asked who they are: anything but loopback needs the token then. */
async function refuseOpenServer(settings: Settings, url: string): Promise<void> {
  if (isLoopback(settings.host) || settings.adminToken) return;
  const database = openDatabase({ url, connections: 1, application: "orderloom start" });
  try {
    if (await isSetUp(database.db)) return;
  } finally {
    await database.close();
  }
  throw new Error(
    `HOST=${settings.host} can be reached from other machines, and nobody has to sign in yet. Set ORDERLOOM_ADMIN_TOKEN as well, or leave HOST at 127.0.0.1 and set sign-in up first.`,
  );
}

function onStop(shutDown: () => Promise<void>): void {
  let asked = 0;
  const stop = (): void => {
    asked++;
    // Asked a third time means now; the database recovers from a hard stop as well.
    if (asked > 2) process.exit(1);
    setTimeout(() => {
      log.error("Stopping took too long; what is left is ended hard. Nothing is lost by that.");
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    void shutDown().then(() => process.exit(0));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  if (process.env.npm_lifecycle_event === "start") whenOrphaned(stop);
  process.on("unhandledRejection", (error) =>
    log.error({ error: error instanceof Error ? error.stack : String(error) }, "An error was not handled."),
  );
}

/** npm starts us through a shell and does not pass every signal on: when that shell is gone, we were meant to go too. */
function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, ORPHAN_CHECK_MS);
  watch.unref();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.LOG_LEVEL === "debug" && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
