import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { isLoopback } from "./api/loopback.ts";
import { type OidcSettings, readOidc } from "./oidc/settings.ts";
import { readEntry } from "./reach/entry.ts";
import { ranges } from "./reach/range.ts";

/** Days that things are kept; 0 means for ever. Milestones and audit are kept for ever. */
export interface KeepDays {
  /**
   * Messages, runs, tasks, attempts and payloads, as whole months after their last day. A quarter: long enough to look
   * into what a customer complains of.
   */
  runs: number;
  /** Dedupe keys; a message that is delivered again after this is a new one. Longer than any marketplace redelivers. */
  keys: number;
  /** Settled ledger rows; an effect that is asked for again after this is done again. A year and a month of returns. */
  ledger: number;
  /** Dead letters that were retried or resolved. */
  deadLetters: number;
}

/** When a connection whose target does not answer is left alone, and for how long. */
export interface BreakerLimits {
  /**
   * Failures in a row after which it opens. Ten: a target that fails one request in five by itself brings that about once in
   * ten million requests, one that is down at its tenth.
   */
  failures: number;
  /** How long it stays open at first, twice as long after each probe that fails. Five seconds: a restart of a server. */
  openMs: number;
  /** The longest. A minute: what a system that is back is made to wait. */
  mostOpenMs: number;
}

/** Every limit and address of a process, read once from its environment. Times in milliseconds, sizes in bytes. */
export interface Settings {
  host: string;
  port: number;
  /** Where the embedded database, keys and sandbox ledgers live. */
  home: string;
  /** The one folder of this machine whose files flows may take: connections name folders below it. */
  filesRoot: string;
  /** External PostgreSQL; the embedded server is started when absent. */
  databaseUrl: string | undefined;
  /** Redis or Valkey for the hints; BullMQ's PostgreSQL backend when absent. */
  redisUrl: string | undefined;
  role: "all" | "api" | "worker" | "scheduler";
  /** Bearer token for automation. */
  adminToken: string | undefined;
  /** The address by which people reach the server when it is another than its own, as behind a proxy. */
  publicUrl: string | undefined;
  /**
   * The address under which other systems reach `/hooks` here; `publicUrl` where it is not set. Without either, systems are not
   * told where to send their webhooks.
   */
  hooksUrl: string | undefined;
  /** Proxies whose word on a client's address and protocol is taken; nobody else's is. */
  trustedProxies: string[];
  /** What guessing one password costs who has stolen its hash: scrypt's N, for passwords given from now on. */
  scryptN: number;
  /**
   * What of the addresses inside networks every environment may reach: names of ranges, networks, hosts. Loopback where the
   * server itself can be reached from this machine alone: then whoever draws flows sits at it anyway.
   */
  reach: string[];
  /** The OpenID provider at which people may sign in; undefined for none. */
  oidc: OidcSettings | undefined;
  /** Sandbox systems and the small stream of sample orders. */
  demo: boolean;
  /** Where this worker's tasks may come from; a connection inside a customer's network names its own group. */
  workerGroup: string;
  /** A larger webhook body is refused with 413. Shopify's largest order webhooks are well under 1 MB. */
  maxBodyBytes: number;
  /**
   * A larger item or request inside a run is a dead letter of class `tooLarge`. An evaluator parses, copies and writes
   * an item several times over within its heap (`evaluatorHeapMb`), and a checkpoint holds it once more as text.
   */
  maxItemBytes: number;
  /** A larger sample of a flow is refused: people read it and browsers run it at each keystroke; an order has some 10 kB. */
  maxSampleBytes: number;
  /** Samples kept with one flow: each is run on every change of the draft, and before every promotion. */
  maxSamplesPerFlow: number;
  /** Deeper JSON is refused: recursion over it must never exhaust the stack. */
  maxJsonDepth: number;
  /** A task held longer than this without a renewal goes back to READY. Must exceed a garbage collection pause by far. */
  leaseMs: number;
  /** How often the sweep looks for due, expired and unhinted tasks; bounds the extra delay of a retry. */
  sweepMs: number;
  /** A hint that was not taken up for this long is given again (the queue may have been wiped). */
  rehintMs: number;
  /**
   * Segments of one environment that may be hinted and not taken at a time. The queue takes them in the order in which they
   * were hinted, so a newcomer of a busy flow waits for a window at most; a new flow's first orders wait for none of it.
   */
  hintWindow: number;
  /** Tasks one worker process works on at once; most of that time is waiting for other systems. */
  workerConcurrency: number;
  /** Of every connection's circuit breaker. */
  breaker: BreakerLimits;
  /** Evaluator child processes. */
  evaluators: number;
  /** Heap of one evaluator; a larger result dies there, not here. */
  evaluatorHeapMb: number;
  /** Wall clock for one segment; then its evaluator is killed. */
  evaluateTimeoutMs: number;
  /** A task whose evaluator died this often while it ran alone is `poison`. */
  poisonAfter: number;
  /** Connections of one process to PostgreSQL; half of them for what every order needs, so that no list stands in its way. */
  databasePool: number;
  /** Off for a pooler in between that cannot keep prepared statements with a connection. */
  preparedStatements: boolean;
  /** How long what is kept; months in which something is still open are kept longer. */
  keep: KeepDays;
  /** From this size of the database on nothing more is accepted, until months were dropped; undefined for no limit. */
  storageLimitBytes: number | undefined;
  /** A PostgreSQL that is silent for longer while it is asked something is taken for one that hangs. */
  databaseTimeoutMs: number;
  /** Connections of one process to PostgreSQL for BullMQ. */
  queuePool: number;
}

/**
 * A PostgreSQL that says nothing for this long while it is asked something hangs (a stopped process, a network that
 * swallows): its connection is broken, and what waited fails as with a database that is away. The longest statement of
 * ours is a group of checkpoints, which takes well under a second on a busy server.
 */
export const ANSWER_WITHIN_MS = 15_000;

type Environment = Record<string, string | undefined>;

const number = (env: Environment, name: string, fallback: number): number => {
  const text = env[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is "${text}"; give a number of 0 or more.`);
  return value;
};

/** Read by drivers with words of their own where it is no address at all. The value may hold a password: never shown. */
function addressOf(text: string | undefined, name: string, example: string): string | undefined {
  if (!text) return undefined;
  if (!URL.canParse(text) || !text.includes("://")) throw new Error(`${name} is not an address; give one such as ${example}.`);
  return text;
}

/** Shorter ones could be guessed, and who has it may do everything. */
const LEAST_TOKEN = 20;

function adminToken(env: Environment): string | undefined {
  const token = env.ORDERLOOM_ADMIN_TOKEN;
  if (!token) return undefined;
  if (token.length >= LEAST_TOKEN) return token;
  throw new Error(
    `ORDERLOOM_ADMIN_TOKEN has ${token.length} characters; give ${LEAST_TOKEN} at least, such as openssl rand -hex 32 makes.`,
  );
}

function reachOf(env: Environment): string[] {
  const text = env.ORDERLOOM_REACH ?? (isLoopback(env.HOST || "127.0.0.1") ? "loopback" : "");
  const entries = text.split(",").flatMap((each) => each.trim() || []);
  const wrong = entries.find((each) => readEntry(each) === undefined);
  if (wrong !== undefined)
    throw new Error(
      `ORDERLOOM_REACH has "${wrong}"; give ranges (${ranges.join(", ")}), networks such as 10.20.0.0/16 or hosts such as erp.internal:8069, with commas.`,
    );
  return entries;
}

const highestPort = 65_535;

function portOf(env: Environment): number {
  const port = number(env, "PORT", 7400);
  if (!Number.isInteger(port) || port > highestPort)
    throw new Error(`PORT is "${env.PORT}"; give a whole number from 0 to ${highestPort}, 0 for any that is free.`);
  return port;
}

/** Keys and ledger outlive the runs: what a run did must not be done again while the run itself is still there. */
function keepDays(env: Environment): KeepDays {
  const keep = {
    runs: number(env, "ORDERLOOM_KEEP_RUNS_DAYS", 90),
    keys: number(env, "ORDERLOOM_KEEP_KEYS_DAYS", 400),
    ledger: number(env, "ORDERLOOM_KEEP_LEDGER_DAYS", 400),
    deadLetters: number(env, "ORDERLOOM_KEEP_DEAD_LETTERS_DAYS", 400),
  };
  const ever = (days: number) => days || Number.POSITIVE_INFINITY;
  for (const [name, days] of [
    ["ORDERLOOM_KEEP_KEYS_DAYS", keep.keys],
    ["ORDERLOOM_KEEP_LEDGER_DAYS", keep.ledger],
  ] as const) {
    if (ever(days) < ever(keep.runs))
      throw new Error(`${name} is ${days}, less than ORDERLOOM_KEEP_RUNS_DAYS; give at least as many days, or 0 for ever.`);
  }
  return keep;
}

function scryptN(env: Environment): number {
  const N = number(env, "ORDERLOOM_SCRYPT_N", 2 ** 15);
  if (N < 2 || !Number.isInteger(Math.log2(N)))
    throw new Error(`ORDERLOOM_SCRYPT_N is "${env.ORDERLOOM_SCRYPT_N}"; give a power of two, such as 32768.`);
  return N;
}

const roles = ["all", "api", "worker", "scheduler"] as const;

/** Reads settings from environment variables; throws a sentence when one cannot be understood. */
export function readSettings(env: Environment = process.env): Settings {
  const role = env.ORDERLOOM_ROLE || "all";
  if (!roles.includes(role as Settings["role"])) throw new Error(`ORDERLOOM_ROLE is "${role}"; give one of ${roles.join(", ")}.`);
  return {
    host: env.HOST || "127.0.0.1",
    port: portOf(env),
    home: resolve(env.ORDERLOOM_HOME || ".orderloom"),
    filesRoot: resolve(env.ORDERLOOM_FILES_ROOT || resolve(env.ORDERLOOM_HOME || ".orderloom", "files")),
    databaseUrl: addressOf(env.DATABASE_URL, "DATABASE_URL", "postgres://user:password@host:5432/database"),
    redisUrl: addressOf(env.REDIS_URL, "REDIS_URL", "redis://host:6379"),
    role: role as Settings["role"],
    adminToken: adminToken(env),
    publicUrl: addressOf(env.ORDERLOOM_PUBLIC_URL, "ORDERLOOM_PUBLIC_URL", "https://orderloom.example.com"),
    hooksUrl: addressOf(env.ORDERLOOM_HOOKS_URL || env.ORDERLOOM_PUBLIC_URL, "ORDERLOOM_HOOKS_URL", "https://hooks.example.com"),
    trustedProxies: (env.ORDERLOOM_TRUSTED_PROXIES ?? "").split(",").flatMap((text) => text.trim() || []),
    scryptN: scryptN(env),
    reach: reachOf(env),
    oidc: readOidc(env),
    demo: env.ORDERLOOM_DEMO !== "off",
    workerGroup: env.ORDERLOOM_WORKER_GROUP || "default",
    maxBodyBytes: number(env, "ORDERLOOM_MAX_BODY_BYTES", 5_000_000),
    maxItemBytes: number(env, "ORDERLOOM_MAX_ITEM_BYTES", 16_000_000),
    maxSampleBytes: number(env, "ORDERLOOM_MAX_SAMPLE_BYTES", 1_000_000),
    maxSamplesPerFlow: number(env, "ORDERLOOM_MAX_SAMPLES_PER_FLOW", 100),
    maxJsonDepth: number(env, "ORDERLOOM_MAX_JSON_DEPTH", 64),
    leaseMs: number(env, "ORDERLOOM_LEASE_MS", 30_000),
    sweepMs: number(env, "ORDERLOOM_SWEEP_MS", 500),
    rehintMs: number(env, "ORDERLOOM_REHINT_MS", 15_000),
    hintWindow: number(env, "ORDERLOOM_HINT_WINDOW", 256),
    workerConcurrency: number(env, "ORDERLOOM_WORKER_CONCURRENCY", 64),
    breaker: {
      failures: number(env, "ORDERLOOM_BREAKER_FAILURES", 10),
      openMs: number(env, "ORDERLOOM_BREAKER_OPEN_MS", 5_000),
      mostOpenMs: number(env, "ORDERLOOM_BREAKER_MOST_OPEN_MS", 60_000),
    },
    evaluators: number(env, "ORDERLOOM_EVALUATORS", Math.max(1, Math.min(4, availableParallelism() - 1))),
    evaluatorHeapMb: number(env, "ORDERLOOM_EVALUATOR_HEAP_MB", 256),
    evaluateTimeoutMs: number(env, "ORDERLOOM_EVALUATE_TIMEOUT_MS", 5_000),
    poisonAfter: number(env, "ORDERLOOM_POISON_AFTER", 5),
    databasePool: number(env, "ORDERLOOM_DATABASE_POOL", 16),
    preparedStatements: env.ORDERLOOM_PREPARED_STATEMENTS !== "off",
    keep: keepDays(env),
    storageLimitBytes: number(env, "ORDERLOOM_STORAGE_LIMIT_BYTES", 0) || undefined,
    databaseTimeoutMs: number(env, "ORDERLOOM_DATABASE_TIMEOUT_MS", ANSWER_WITHIN_MS),
    queuePool: number(env, "ORDERLOOM_QUEUE_POOL", 8),
  };
}
