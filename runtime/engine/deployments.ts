import { compilePlan } from "#nodes/compilePlan.ts";
import { currentFlow } from "#nodes/migrate/currentFlow.ts";
import type { Binding, Lock, Plan } from "#nodes/plan.ts";
import { withTables } from "#nodes/planTables.ts";
import { type OpenConnection, openConnections } from "#runtime/store/connections.ts";
import type { Db } from "#runtime/store/database.ts";
import { limitsOf } from "#runtime/store/environments.ts";
import type { SecretBox } from "#runtime/store/secrets.ts";
import type { EnvironmentLimits } from "#schemas/environment.ts";
import type { Flow } from "#schemas/flow.ts";
import { tableReader } from "./planTables.ts";

/** A version as an environment runs it. */
export interface DeployedVersion {
  id: string;
  number: number;
  weight: number;
  flow: Flow;
}

/** All that intake and engine need of a flow in an environment. */
export interface DeployedFlow {
  deploymentId: string;
  environment: string;
  flow: string;
  state: "active" | "paused";
  versions: DeployedVersion[];
  /** By slot name. */
  connections: Map<string, OpenConnection>;
  /**
   * Compiles a version (also one that is no longer deployed: runs keep theirs) with today's bindings, and the reference
   * tables as they stood at a revision, null for none.
   */
  plan(versionId: string, tableRevision: number | null): Promise<Plan>;
}

/** How old a look at the database may be; a pause or a new version is in force everywhere after this. */
const FRESH_MS = 1_000;

export interface Deployments {
  /** The flow's deployment in the environment, or undefined when there is none. */
  find(environment: string, flow: string): Promise<DeployedFlow | undefined>;
  /** A connection with its secrets, as of at most a second ago. */
  connection(id: string): Promise<OpenConnection | undefined>;
  /** What the environment may take of what all share, as of at most a second ago. */
  limits(environment: string): Promise<EnvironmentLimits>;
  /** Forgets what it knows, after a change in this process. */
  forget(): void;
}

/** Reads deployments and connections through a short memory, so that a message costs no query for them. */
export function deployments(db: Db, box: SecretBox): Deployments {
  const versions = new Map<string, Promise<{ flow: Flow; lock: Lock; number: number }>>();
  const plans = new Map<string, Plan>();
  const tables = tableReader(db);
  const flows = fresh((key) => {
    const [environment, flow] = JSON.parse(key) as [string, string];
    return loadFlow(environment, flow);
  });
  const limits = fresh(async (id) => {
    const row = await db.selectFrom("environment").selectAll().where("id", "=", id).executeTakeFirst();
    return row ? limitsOf(row) : unlimited;
  });
  const connections = fresh(async (id) => (await openConnections(db, box, [id]))[0]);

  const loadVersion = (id: string) => {
    let known = versions.get(id);
    if (!known) {
      known = db
        .selectFrom("version")
        .select(["flow", "lock", "number"])
        .where("id", "=", id)
        .executeTakeFirstOrThrow()
        .then((row) => ({
          flow: currentFlow(JSON.parse(row.flow) as Flow),
          lock: JSON.parse(row.lock) as Lock,
          number: row.number,
        }));
      // Versions never change; a failed read must not be remembered.
      known.catch(() => versions.delete(id));
      versions.set(id, known);
    }
    return known;
  };

  /** Compiled once for the same bindings: the plan's key is a hash over all of it. */
  const planOf = async (environment: string, versionId: string, bindings: Record<string, Binding>): Promise<Plan> => {
    const of = JSON.stringify([environment, versionId, bindings]);
    const known = plans.get(of);
    if (known) return known;
    const { flow, lock } = await loadVersion(versionId);
    const plan = compilePlan({ environment, flow, lock, bindings });
    if (plans.size >= MOST_REMEMBERED) plans.clear();
    plans.set(of, plan);
    return plan;
  };

  const loadFlow = async (environment: string, flow: string): Promise<DeployedFlow | undefined> => {
    const row = await db
      .selectFrom("deployment")
      .select(["id", "state"])
      .where("environment", "=", environment)
      .where("flow_id", "=", flow)
      .executeTakeFirst();
    if (!row) return undefined;
    const [weights, slots] = await Promise.all([
      db.selectFrom("deployment_version").select(["version_id", "weight"]).where("deployment_id", "=", row.id).execute(),
      db.selectFrom("deployment_slot").select(["slot", "connection_id"]).where("deployment_id", "=", row.id).execute(),
    ]);
    const opened = await openConnections(db, box, [...new Set(slots.map((slot) => slot.connection_id))]);
    const byId = new Map(opened.map((connection) => [connection.id, connection]));
    const bySlot = new Map(
      slots.flatMap((slot) => {
        const found = byId.get(slot.connection_id);
        return found ? [[slot.slot, found] as const] : [];
      }),
    );
    const loaded = await Promise.all(
      weights.map(async ({ version_id, weight }) => {
        const version = await loadVersion(version_id);
        return { id: version_id, number: version.number, weight, flow: version.flow };
      }),
    );
    const bindings = bindingsOf(bySlot);
    return {
      deploymentId: row.id,
      environment,
      flow,
      state: row.state,
      versions: loaded,
      connections: bySlot,
      plan: async (versionId, revision) => {
        const plan = await planOf(environment, versionId, bindings);
        return revision === null ? plan : withTables(plan, await tables.of(environment, plan.flow, revision));
      },
    };
  };

  return {
    find: (environment, flow) => flows.get(JSON.stringify([environment, flow])),
    connection: (id) => connections.get(id),
    limits: (environment) => limits.get(environment),
    forget: () => {
      flows.clear();
      connections.clear();
      limits.clear();
    },
  };
}

/** An environment that was never limited. */
export const unlimited: EnvironmentLimits = { evaluatedAtOnce: null, acceptedPerSecond: null, payloadDays: null };

function bindingsOf(connections: Map<string, OpenConnection>): Record<string, Binding> {
  return Object.fromEntries(
    [...connections].map(([slot, connection]) => [
      slot,
      {
        connectionId: connection.id,
        connector: connection.connector,
        account: connection.systemAccount,
        config: connection.config,
      },
    ]),
  );
}

/** Anybody may ask for names that do not exist; the memory of that is kept small. */
const MOST_REMEMBERED = 1_000;

/** A memory of asynchronous reads that lasts `FRESH_MS`; concurrent readers share one read, failures are not kept. */
function fresh<T>(load: (key: string) => Promise<T>): { get(key: string): Promise<T>; clear(): void } {
  const known = new Map<string, { at: number; value: Promise<T> }>();
  return {
    get(key) {
      const now = performance.now();
      const entry = known.get(key);
      if (entry && now - entry.at < FRESH_MS) return entry.value;
      const value = load(key);
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(key, { at: now, value });
      value.catch(() => known.delete(key));
      return value;
    },
    clear: () => known.clear(),
  };
}

/** Chooses a version by weight; the same document always gets the same one while the weights stand. */
export function pickVersion(versions: DeployedVersion[], key: string): DeployedVersion | undefined {
  const total = versions.reduce((sum, version) => sum + version.weight, 0);
  if (total === 0) return versions[0];
  let point = hash(key) % total;
  for (const version of [...versions].sort((a, b) => a.number - b.number)) {
    if (point < version.weight) return version;
    point -= version.weight;
  }
  return versions.at(-1);
}

/** FNV-1a: small, even enough for choosing by weight. */
function hash(text: string): number {
  let value = 2166136261;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  return value >>> 0;
}
