import { availableParallelism } from "node:os";
import type { Logger } from "pino";
import type { Evaluate } from "#nodes/connector/auth/means.ts";
import type { Catalog } from "#nodes/lock.ts";
import { answers } from "./api/answers.ts";
import type { App } from "./api/app.ts";
import type { Intake } from "./api/intake.ts";
import { builtCatalog } from "./catalog/built.ts";
import { openAdmission } from "./engine/admission.ts";
import { clockWatch } from "./engine/clockWatch.ts";
import { deployments } from "./engine/deployments.ts";
import { serveNewEnvironments } from "./engine/newEnvironments.ts";
import type { EngineParts } from "./engine/parts.ts";
import { httpPerformer } from "./engine/perform.ts";
import { startRetention } from "./engine/retention.ts";
import { startSweep } from "./engine/sweep.ts";
import { openWire } from "./engine/wire.ts";
import { startWorker } from "./engine/worker.ts";
import { startEvaluators } from "./evaluate/pool.ts";
import { openHintQueues } from "./queue/hintQueues.ts";
import { openReaches } from "./reach/reach.ts";
import { fromRoot } from "./root.ts";
import { launchSandbox, type Sandbox } from "./sandbox/launch.ts";
import type { Settings } from "./settings.ts";
import { startPolls } from "./sources/polls.ts";
import { startSources } from "./sources/runner.ts";
import { openDatabase } from "./store/database.ts";
import { listEnvironments } from "./store/environments.ts";
import { openKeyRing } from "./store/keyRing.ts";
import { secretBox } from "./store/secrets.ts";
import { limitStorage } from "./store/storage.ts";
import { startSubscriptions } from "./subscriptions/runner.ts";
import { openTokens } from "./tokens/tokens.ts";
import { openTransports } from "./transports/transports.ts";
import { version } from "./version.ts";

/** The parts of one process that are running. */
export interface Service {
  /** Where the API listens; undefined for a worker or scheduler. */
  address: string | undefined;
  stop(graceMs: number): Promise<void>;
}

/** Parts put in the place of the product's own, by a test that has to show that it would notice. */
export interface Replaced {
  engine?: (parts: EngineParts) => EngineParts;
  intake?: (own: Intake) => Intake;
}

/** Starts API, worker and scheduler, or the one that the role names, on a migrated database. */
export async function startService(
  settings: Settings,
  databaseUrl: string,
  log: Logger,
  replaced: Replaced = {},
): Promise<Service> {
  const { role } = settings;
  const stops: ((graceMs: number) => Promise<void>)[] = [];
  const stop = async (graceMs: number): Promise<void> => {
    for (const each of stops.reverse())
      await each(graceMs).catch((error: unknown) => log.error({ error: String(error) }, "A part did not stop cleanly."));
  };
  try {
    const own = await openParts(settings, databaseUrl, log, stops);
    const engine = replaced.engine?.(own) ?? own;
    // Nobody else needs to know what could be drawn, or how to speak HTTP.
    const catalog = role === "all" || role === "api" ? await readCatalog(log) : undefined;
    let sandbox: Sandbox | undefined;
    if (catalog && settings.demo && role === "all") {
      const launched = await launchSandbox(engine, catalog);
      engine.reaches.allow(new URL(launched.url).host);
      stops.push(() => launched.stop());
      sandbox = launched;
    }
    if (role === "all" || role === "scheduler") {
      const sweep = startSweep(engine);
      stops.push(() => sweep.stop());
      const retention = startRetention(engine);
      stops.push(() => retention.stop());
      const sources = startSources(engine);
      stops.push((graceMs) => sources.stop(graceMs));
    }
    if (role === "all" || role === "worker") {
      const served = (await listEnvironments(engine.db)).map(({ id }) => id);
      const worker = await startWorker(engine, served, startPolls(engine));
      stops.push((graceMs) => worker.stop(graceMs));
      const subscriptions = startSubscriptions(engine);
      stops.push((graceMs) => subscriptions.stop(graceMs));
      const leave = serveNewEnvironments(engine, worker, served);
      stops.push(async () => leave());
    }
    let address: string | undefined;
    if (catalog) {
      const app = await listen({ settings, databaseUrl, engine, catalog, demo: Boolean(sandbox), replaced });
      stops.push((graceMs) => closeApp(app, graceMs));
      address = addressOf(app, settings);
      await sandbox?.stream(address);
    }
    return { address, stop };
  } catch (error) {
    await stop(0);
    throw error;
  }
}

async function openParts(
  settings: Settings,
  databaseUrl: string,
  log: Logger,
  stops: ((graceMs: number) => Promise<void>)[],
): Promise<EngineParts> {
  const open = (connections: number, prepared: boolean) => {
    const database = openDatabase({
      url: databaseUrl,
      connections,
      application: `orderloom ${settings.role}`,
      answerWithinMs: settings.databaseTimeoutMs,
      prepared,
    });
    stops.push(() => database.close());
    return database.db;
  };
  const hot = Math.ceil(settings.databasePool / 2);
  const [db, hotDb] = [open(Math.max(1, settings.databasePool - hot), false), open(hot, settings.preparedStatements)];
  if (settings.storageLimitBytes) limitStorage(db, settings.storageLimitBytes);
  const box = secretBox(openKeyRing(settings.home));
  const queues = await openHintQueues({
    redisUrl: settings.redisUrl,
    databaseUrl,
    queuePool: settings.queuePool,
    // With a database of its own it is the only process there is.
    ...(settings.role === "all" && !settings.databaseUrl ? { handOver: settings.hintWindow } : {}),
    report: (problem, where) =>
      log.warn({ queue: where, error: problem.message }, "The queue has a problem; the sweep makes up for it."),
  });
  stops.push(() => queues.close());
  const evaluators = startEvaluators({
    script: fromRoot("dist/evaluator.js"),
    processes: Math.min(settings.evaluators, availableParallelism()),
    heapMb: settings.evaluatorHeapMb,
    timeoutMs: settings.evaluateTimeoutMs,
    // An API evaluates previews only, a scheduler hardly ever: each starts one when it has to.
    warm: settings.role === "all" || settings.role === "worker",
  });
  stops.push(() => evaluators.close());
  const admission = openAdmission(db, settings, (error) =>
    log.warn({ error: String(error) }, "What the workers agree on about a connection could not be read; it is tried again."),
  );
  stops.push(() => admission.close());
  // Closed before: the places are given back when no request of ours is under way any more.
  const reaches = openReaches(settings.reach);
  const wire = openWire(reaches);
  stops.push(() => wire.close());
  const evaluate: Evaluate = (text, input) => evaluators.expression({ text, input });
  const overHttp = httpPerformer({ wire, evaluate, tokens: openTokens({ db, box, wire, evaluate }) });
  const known = deployments(db, box);
  const transports = openTransports(overHttp, { settings, reaches, db, deployments: known });
  stops.push(() => transports.close());
  const http = transports.performer;
  const clock = clockWatch(settings.leaseMs);
  return { settings, db, hotDb, box, queues, evaluators, deployments: known, http, reaches, admission, clock, log };
}

async function readCatalog(log: Logger): Promise<Catalog> {
  const { catalog, problems } = await builtCatalog();
  for (const problem of problems) log.warn({ file: problem.file, pointer: problem.pointer }, problem.message);
  return catalog;
}

async function listen({
  settings,
  databaseUrl,
  engine,
  catalog,
  demo,
  replaced,
}: {
  settings: Settings;
  databaseUrl: string;
  engine: EngineParts;
  catalog: Catalog;
  demo: boolean;
  replaced: Replaced;
}): Promise<App> {
  const [{ buildServer }, { intake }] = await Promise.all([import("./api/server.ts"), import("./api/intake.ts")]);
  const own = intake(engine);
  const waiting = answers({ db: engine.db, databaseUrl, log: engine.log });
  const app = await buildServer({
    engine,
    catalog,
    intake: replaced.intake?.(own) ?? own,
    answers: waiting,
    info: {
      version,
      postgres: settings.databaseUrl === databaseUrl ? "external" : "embedded",
      queue: settings.redisUrl ? "redis" : "postgres",
      demo,
    },
  });
  app.addHook("onClose", () => waiting.close());
  try {
    await app.listen({ host: settings.host, port: settings.port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
      throw new Error(`Port ${settings.port} is taken. Stop what listens there, or set PORT to another.`, { cause: error });
    }
    throw error;
  }
  return app;
}

/** Answers what is under way, up to `graceMs`; then the connections are cut. */
async function closeApp(app: App, graceMs: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
  await app.close().finally(() => clearTimeout(cut));
}

/** The address people open; with PORT=0 the system chose the port. */
function addressOf(app: App, settings: Settings): string {
  const bound = app.server.address();
  const port = typeof bound === "object" && bound ? bound.port : settings.port;
  return `http://${settings.host.includes(":") ? `[${settings.host}]` : settings.host}:${port}`;
}
