import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent } from "undici";
import { systemAccount } from "#nodes/connector/connection.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { fromRoot } from "#runtime/root.ts";
import { northwind } from "#runtime/sandbox/northwind.ts";
import { seedSandbox } from "#runtime/sandbox/seed.ts";
import { signShopify } from "#runtime/sandbox/shopifyOrder.ts";
import { type ConnectionInput, putConnection } from "#runtime/store/connections.ts";
import { openDatabase } from "#runtime/store/database.ts";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { openKeyRing } from "#runtime/store/keyRing.ts";
import { secretBox } from "#runtime/store/secrets.ts";
import { type Answer, ask } from "./ask.ts";
import { createDatabase } from "./database.ts";
import { buildServer } from "./orderloom.ts";
import { until } from "./until.ts";

/** What the sandbox's own ledger holds, kept in another process than the product's. */
export interface LedgerRow {
  key: string;
  /** Times the record was written; an upsert may write it often. */
  writes: number;
  /** Times the record was created: more than one is a double post. */
  creates: number;
  record: Record<string, unknown>;
  amount: string | null;
}

/** API, scheduler and workers as processes of their own on one database, beside a sandbox that is the oracle. */
export interface Cluster {
  /** Of the first API. */
  url: string;
  /** Of every API. */
  urls: string[];
  databaseUrl: string;
  /** Where the processes keep their secret key. */
  home: string;
  /** Everything that the processes logged so far. */
  logs(): string;
  sandboxUrl: string;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Posts a signed body to the flow's webhook, or to another one. */
  deliver(body: string | Buffer, headers?: Record<string, string>, path?: string): Promise<Answer>;
  /** Delivers until it is taken: connection failures and 503 are tried again, as a marketplace does. */
  deliverSurely(body: string, headers?: Record<string, string>, path?: string): Promise<Answer>;
  ledger(connection: string, name: string): Promise<{ rows: LedgerRow[]; total: string }>;
  fault(fault: Record<string, unknown>): Promise<void>;
  clearFaults(): Promise<void>;
  /** Ends worker `index` at once and starts another in its place. */
  killWorker(index: number): Promise<void>;
  /** Ends API `index` at once. */
  killApi(index: number): Promise<void>;
  /** Starts API `index` again, at its address. */
  startApi(index: number): Promise<void>;
  /** Process ids of the workers. */
  workerPids(): number[];
  /** Asks worker `index` to stop, as an update does, and starts none in its place; resolves when it has ended. */
  stopWorker(index: number): Promise<void>;
  /** Starts worker `index` again. */
  startWorker(index: number): Promise<void>;
  /** Ends the scheduler with this process id at once and starts another in its place. */
  killScheduler(pid: number): Promise<void>;
  /** Sends a signal to worker `index`, such as SIGSTOP and SIGCONT. */
  signalWorker(index: number, signal: NodeJS.Signals): void;
  /** Ends API, scheduler and workers at once; the sandbox lives on. */
  killAll(): Promise<void>;
  /** Starts what `killAll` ended. */
  startAll(): Promise<void>;
  /** Makes a connection in `dev`, as the API will. */
  connect(input: NewConnection): Promise<void>;
  /** Gives a connection other secrets, as the API will. */
  setSecrets(connection: string, secrets: Record<string, string>): Promise<void>;
  /** Waits until no run is under way. */
  settled(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export type NewConnection = Pick<ConnectionInput, "name" | "connector" | "config" | "secrets">;

export interface ClusterOptions {
  redisUrl?: string | undefined;
  apis?: number;
  workers?: number;
  schedulers?: number;
  env?: Record<string, string>;
  /** Systems are told to send their webhooks to the first API. */
  hooks?: boolean;
  /** The address by which the processes reach the database, when not directly. */
  databaseVia?: (url: string) => Promise<string>;
}

export const webhookPath = "/hooks/dev/shopify-order-to-cash/orders";

const secret = northwind("")[0]?.secrets.webhookSecret ?? "";

/** Starts everything; short leases, so that a killed worker's tasks come back within a second. */
export async function startCluster({
  redisUrl,
  apis = 1,
  workers = 1,
  schedulers = 1,
  env = {},
  hooks = false,
  databaseVia,
}: ClusterOptions = {}): Promise<Cluster> {
  buildServer();
  const home = await mkdtemp(join(tmpdir(), "orderloom-cluster-"));
  await chmod(home, 0o755);
  const database = await createDatabase();
  const ports = await Promise.all(Array.from({ length: apis }, freePort));
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const [url = ""] = urls;
  const logged: string[] = [];
  const agent = new Agent({ connections: 64, connect: { timeout: 2_000 } });
  const children = new Set<ChildProcess>();
  const variables: NodeJS.ProcessEnv = {
    ...process.env,
    HOST: "127.0.0.1",
    ORDERLOOM_HOME: home,
    DATABASE_URL: databaseVia ? await databaseVia(database.url) : database.url,
    ORDERLOOM_LEASE_MS: "1500",
    ORDERLOOM_SWEEP_MS: "200",
    ORDERLOOM_REHINT_MS: "2000",
    ORDERLOOM_BREAKER_OPEN_MS: "500",
    ORDERLOOM_BREAKER_MOST_OPEN_MS: "1000",
    ORDERLOOM_EVALUATORS: "1",
    ORDERLOOM_DATABASE_POOL: "8",
    ORDERLOOM_QUEUE_POOL: "6",
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    ...(hooks ? { ORDERLOOM_HOOKS_URL: url } : {}),
    ...env,
  };
  delete variables.NODE_OPTIONS;
  delete variables.VITEST;

  const start = async (role: "api" | "worker" | "scheduler", port = 0): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [fromRoot("dist/start.js")], {
      env: { ...variables, ORDERLOOM_ROLE: role, PORT: `${port}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      logged.push(chunk.toString());
      // Whoever asks for more of it reads it here.
      if (env.LOG_LEVEL === undefined) process.stderr.write(chunk);
    });
    children.add(child);
    await readyLine(child, role);
    return child;
  };

  const sandbox = await startSandboxProcess(join(home, "sandbox"));
  children.add(sandbox.child);
  await seed(database.url, home, sandbox.url);
  const workerProcesses: ChildProcess[] = [];
  const schedulerProcesses: ChildProcess[] = [];
  const apiProcesses: ChildProcess[] = [];
  const startApi = async (index: number): Promise<void> => {
    apiProcesses[index] = await start("api", ports[index]);
  };
  const startAll = async (): Promise<void> => {
    // The first alone: it brings the database up to date.
    await startApi(0);
    await Promise.all(ports.slice(1).map((_port, index) => startApi(index + 1)));
    schedulerProcesses.push(...(await Promise.all(Array.from({ length: schedulers }, () => start("scheduler")))));
    workerProcesses.push(...(await Promise.all(Array.from({ length: workers }, () => start("worker")))));
  };
  await startAll();

  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    ask(path.startsWith("http") ? path : `${url}${path}`, { method, body: JSON.stringify(body), dispatcher: agent });
  const deliver = (body: string | Buffer, headers: Record<string, string> = {}, path = webhookPath): Promise<Answer> =>
    ask(`${url}${path}`, {
      body,
      headers: {
        "x-shopify-topic": "orders/create",
        "x-shopify-hmac-sha256": signShopify(body.toString(), secret),
        ...headers,
      },
      dispatcher: agent,
    });

  return {
    url,
    urls,
    databaseUrl: database.url,
    home,
    logs: () => logged.join(""),
    sandboxUrl: sandbox.url,
    call,
    deliver,
    deliverSurely: (body, headers, path) =>
      until(
        async () => {
          const answer = await deliver(body, headers, path);
          return answer.status === 503 ? null : answer;
        },
        { timeoutMs: 60_000, everyMs: 100, what: "the webhook to be taken" },
      ),
    ledger: async (connection, name) => (await call("GET", `${sandbox.url}/_sandbox/ledger/${connection}/${name}`)).body,
    fault: async (fault) => {
      const answer = await call("POST", `${sandbox.url}/_sandbox/faults`, fault);
      if (answer.status !== 201) throw new Error(`The sandbox refused the fault: ${JSON.stringify(answer.body)}`);
    },
    clearFaults: async () => {
      await call("DELETE", `${sandbox.url}/_sandbox/faults`);
    },
    killWorker: async (index) => {
      const old = workerProcesses[index];
      if (!old) throw new Error(`There is no worker ${index}.`);
      await end(old, "SIGKILL");
      children.delete(old);
      workerProcesses[index] = await start("worker");
    },
    killApi: async (index) => {
      const old = apiProcesses[index];
      if (!old) throw new Error(`There is no API ${index}.`);
      await end(old, "SIGKILL");
      children.delete(old);
    },
    startApi,
    workerPids: () => workerProcesses.map(({ pid = 0 }) => pid),
    stopWorker: async (index) => {
      const old = workerProcesses[index];
      if (!old) throw new Error(`There is no worker ${index}.`);
      await end(old, "SIGTERM");
      children.delete(old);
    },
    startWorker: async (index) => {
      workerProcesses[index] = await start("worker");
    },
    killScheduler: async (pid) => {
      const index = schedulerProcesses.findIndex((each) => each.pid === pid);
      const old = schedulerProcesses[index];
      if (!old) throw new Error(`There is no scheduler with the process id ${pid}.`);
      await end(old, "SIGKILL");
      children.delete(old);
      schedulerProcesses[index] = await start("scheduler");
    },
    signalWorker: (index, signal) => {
      workerProcesses[index]?.kill(signal);
    },
    killAll: async () => {
      const ours = [...children].filter((child) => child !== sandbox.child);
      await Promise.all(ours.map((child) => end(child, "SIGKILL")));
      for (const child of ours) children.delete(child);
      workerProcesses.length = 0;
      schedulerProcesses.length = 0;
    },
    startAll,
    connect: (input) => keepConnection(database.url, home, input),
    setSecrets: async (name, secrets) => {
      const input = northwind(sandbox.url).find((each) => each.name === name);
      if (!input) throw new Error(`There is no connection ${name}.`);
      await keepConnection(database.url, home, { ...input, secrets });
    },
    settled: async (timeoutMs = 60_000) => {
      await until(async () => (await call("GET", "/api/v1/runs?state=RUNNING&limit=1")).body.items.length === 0, {
        timeoutMs,
        everyMs: 100,
        what: "all runs to end",
      });
    },
    stop: async () => {
      await Promise.all([...children].filter((child) => child !== sandbox.child).map((child) => end(child, "SIGTERM")));
      await end(sandbox.child, "SIGTERM");
      await agent.close();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function readyLine(child: ChildProcess, role: string): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${role} was not ready after 60 s: ${said}`)), 60_000);
    child.once("exit", (code, signal) => reject(new Error(`${role} ended with ${signal ?? code}: ${said}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes("is ready")) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve();
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  // One that a test has stopped would not hear it.
  child.kill("SIGCONT");
  await gone;
}

/** The oracle: a process of its own that survives whatever is done to the product. */
async function startSandboxProcess(data: string): Promise<{ child: ChildProcess; url: string }> {
  const { catalog } = await builtCatalog();
  const child = fork(fromRoot("dist/sandbox.js"), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, VITEST: "" },
  });
  child.send({
    port: 0,
    data,
    connections: northwind("").map((each) => ({ ...each, connector: catalog.connectors[each.connector] })),
  });
  const [message] = (await once(child, "message")) as [{ port: number }];
  return { child, url: `http://127.0.0.1:${message.port}` };
}

async function keepConnection(databaseUrl: string, home: string, input: NewConnection): Promise<void> {
  const { catalog } = await builtCatalog();
  const connector = catalog.connectors[input.connector];
  if (!connector) throw new Error(`There is no connector ${input.connector}.`);
  const database = openDatabase({ url: databaseUrl, connections: 1, application: "orderloom test" });
  try {
    const account = systemAccount(connector, input.config);
    const changed = {
      ...input,
      environment: "dev",
      connectorVersion: connector.version,
      systemAccount: account,
      sandbox: true,
    };
    await putConnection(database.db, secretBox(openKeyRing(home, undefined)), changed, "tester");
  } finally {
    await database.close();
  }
}

async function seed(databaseUrl: string, home: string, sandboxUrl: string): Promise<void> {
  const { catalog } = await builtCatalog();
  const database = openDatabase({ url: databaseUrl, connections: 1, application: "orderloom test" });
  try {
    await seedSandbox(database.db, secretBox(openKeyRing(home, undefined)), catalog, sandboxUrl);
  } finally {
    await database.close();
  }
}
