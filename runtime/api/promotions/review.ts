import { compilePlan } from "#nodes/compilePlan.ts";
import type { Catalog } from "#nodes/lock.ts";
import type { Binding, Plan } from "#nodes/plan.ts";
import { withTables } from "#nodes/planTables.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import { tableReader } from "#runtime/engine/planTables.ts";
import { type PlannedVersion, replayDiff } from "#runtime/engine/promotion/replayDiff.ts";
import { type LockedVersion, promotionRisks } from "#runtime/engine/promotion/risks.ts";
import { untriedOf } from "#runtime/engine/promotion/untried.ts";
import { listConnections } from "#runtime/store/connections.ts";
import type { Db } from "#runtime/store/database.ts";
import { listDeployments } from "#runtime/store/deployments.ts";
import { readVersion, type SamplesStanding, samplesStanding } from "#runtime/store/flows.ts";
import { lastVersionOf, openWork, pastMessagesStamp } from "#runtime/store/pastMessages.ts";
import { boundOtherwise, type Slots } from "#runtime/store/promotionSlots.ts";
import { missingTables } from "#runtime/store/tableFlows.ts";
import type { Connection } from "#schemas/connection.ts";
import type { Deployment } from "#schemas/deployment.ts";
import { sha256Hex } from "#schemas/hash.ts";
import type { PromotionCheck, PromotionReview, PromotionRisk, ReplayDiff } from "#schemas/promotion.ts";
import { tableNames } from "#schemas/tableUses.ts";
import { ApiFailure } from "../errors.ts";
import { boundSlots, requireUsable } from "../routes/deployments.ts";
import { type SampleChecks, versionChecks } from "./checks.ts";
import { connectionChecks } from "./connectionChecks.ts";

export interface ReviewWish {
  flow: string;
  environment: string;
  version: number;
  /** Slot name to connection name; the others are bound as a deployment would. */
  slots: Record<string, string>;
  /** Messages tried at most. */
  messages: number;
  /** Whose messages: the environment's own where absent. */
  messagesFrom: string;
  /** Whether who asks operates the environment: else nothing is sent to its systems. */
  operates: boolean;
}

/** What of the last reviews is remembered, by the hash of all that it was made of. */
export interface ReviewMemory {
  samples: SampleChecks;
  diffs: (key: string, make: () => Promise<ReplayDiff>) => Promise<ReplayDiff>;
}

export interface Reviewed {
  review: PromotionReview;
  versionId: string;
  baseId: string | null;
  /** Slot name to connection id, as the promotion would bind them and as they are bound. */
  slots: Record<string, string>;
  foundSlots: Record<string, string>;
  /** SHA-256 of the version's samples that were tried. */
  samples: string | null;
  /** The versions that were compared: what they name are names of fields. */
  compared: LockedVersion[];
}

type Version = NonNullable<Awaited<ReturnType<typeof readVersion>>>;

/** Finds out what a promotion would mean: what is checked, what is risky, and what it would have done to the last messages. */
export async function reviewPromotion(
  engine: EngineParts,
  catalog: Catalog,
  memory: ReviewMemory,
  wish: ReviewWish,
): Promise<Reviewed> {
  const { db } = engine;
  const { flow, environment } = wish;
  const version = await readVersion(db, flow, wish.version);
  if (!version) throw new ApiFailure("notFound", { what: `version ${wish.version} of flow ${flow}` });
  requireUsable(version);
  const deployments = await listDeployments(db, flow);
  const base = await runningIn(db, deployments, flow, environment);
  // Before they are tried: what is put in their place meanwhile is found to be other than what was reviewed.
  const samples = await samplesStanding(db, version.id);
  const connections = await listConnections(db, environment);
  const deployed = deployments.find((each) => each.environment === environment);
  const runs = deployed?.slots ?? {};
  const foundSlots = ofSlots(connections, runs, "name", "id");
  const bound = await bind(db, wish, version, foundSlots, connections);
  const rebinds = bound.check.outcome === "failed" || Object.keys(boundOtherwise(foundSlots, bound.slots)).length > 0;
  // Of what runs already, a promotion can bind slots to other connections.
  if (base && base.id === version.id && !rebinds)
    throw new ApiFailure("promotionNothing", { environment, number: version.number });
  const [ofVersion, ofConnections, ofTables, diff, open] = await Promise.all([
    versionChecks(engine, catalog, version, memory.samples),
    connectionChecks(engine, version, bound.slots, { operates: wish.operates, known: connections }),
    tableCheck(db, environment, version.flow),
    compare(engine, memory, wish, version, base, bound.slots, deployments, connections),
    openWork(db, environment, flow),
  ]);
  const names = new Map(connections.map(({ id, name }) => [id, name]));
  // What was taken out of the environment left effects, open tasks and dead letters there.
  const last = base ?? (await lastIn(db, flow, environment));
  const [before, after] = [
    last && { ...last, accounts: ofSlots(connections, runs, "name", "systemAccount") },
    { ...version, accounts: ofSlots(connections, bound.slots, "id", "systemAccount") },
  ];
  const risks = [
    ...(before ? promotionRisks(before, after, open, diff) : []),
    ...samplesRisk(samples),
    ...(await untriedRisk(db, wish, untriedOf(version.flow, diff))),
  ];
  return {
    versionId: version.id,
    baseId: base?.id ?? null,
    slots: bound.slots,
    foundSlots,
    samples: samples.now,
    compared: [version, ...(base ? [base] : [])],
    review: {
      nodeNames: namesOf([version, before], diff, risks),
      flow,
      environment,
      version: version.number,
      hash: version.hash,
      base: base?.number ?? null,
      paused: deployed?.state === "paused",
      slots: Object.fromEntries(Object.entries(bound.slots).map(([slot, id]) => [slot, names.get(id) ?? id])),
      checks: [...ofVersion, bound.check, ...ofConnections, ofTables],
      risks,
      diff,
    },
  };
}

/** Of what slots are bound to, as ids or as names, one thing each. */
const ofSlots = (
  connections: readonly Connection[],
  slots: Readonly<Record<string, string>>,
  by: "id" | "name",
  what: "id" | "systemAccount",
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(slots).flatMap(([slot, named]) => {
      const found = connections.find((each) => each[by] === named);
      return found ? [[slot, found[what]]] : [];
    }),
  );

/** How people call the nodes of which something is told, in the newer of the versions that has them. */
function namesOf(
  versions: readonly (LockedVersion | null)[],
  { groups, unknownAt }: ReplayDiff,
  risks: readonly PromotionRisk[],
): Record<string, string> {
  const told = new Set([...groups, ...risks].flatMap(({ node }) => node ?? []).concat(Object.keys(unknownAt)));
  const nodes = versions.toReversed().flatMap((version) => version?.flow.nodes ?? []);
  return Object.fromEntries(nodes.flatMap(({ id, name }) => (name && told.has(id) ? [[id, name] as const] : [])));
}

/** A version never changes, but what it is tried on may: the check of it says less then. */
function samplesRisk({ exchanged }: SamplesStanding): PromotionRisk[] {
  if (!exchanged) return [];
  const detail = `${exchanged.by} put other samples in the place of those that it was published with, at ${exchanged.at}.`;
  return [{ name: "samplesChanged", kind: "samplesChanged", node: null, detail }];
}

/** Into a guarded environment nothing goes unseen by leaving its messages out. */
async function untriedRisk(db: Db, { environment }: ReviewWish, detail: string | null): Promise<PromotionRisk[]> {
  if (detail === null) return [];
  const guarded = await db.selectFrom("environment").select("protection").where("id", "=", environment).executeTakeFirst();
  return guarded?.protection === "none" ? [] : [{ name: "untried", kind: "untried", node: null, detail }];
}

/** The one version that an environment runs; one among several is none to compare with. */
async function runningIn(db: Db, deployments: Deployment[], flow: string, environment: string): Promise<Version | null> {
  const versions = deployments.find((each) => each.environment === environment)?.versions ?? [];
  const [only] = versions;
  return versions.length === 1 && only ? ((await readVersion(db, flow, only.number)) ?? null) : null;
}

/** The version that last took a message in an environment where none runs now. */
async function lastIn(db: Db, flow: string, environment: string): Promise<Version | null> {
  const number = await lastVersionOf(db, environment, flow);
  return number === undefined ? null : ((await readVersion(db, flow, number)) ?? null);
}

/** Which connection each slot is bound to, and in the place of which. */
function boundTo({ slots: drawn }: Version["flow"], slots: Slots, found: Slots, connections: readonly Connection[]): string {
  const nameOf = (id: string | undefined) => connections.find((each) => each.id === id)?.name ?? id;
  const told = drawn.map(({ name, title }) => {
    const [now, then] = [nameOf(slots[name]), nameOf(found[name])];
    const moved = then !== undefined && then !== now ? ` instead of ${then}` : "";
    return `${title ? `${title} (${name})` : name} is ${now}${moved}`;
  });
  return `${told.join(", ")}.`;
}

async function bind(
  db: Db,
  { environment, slots: named }: ReviewWish,
  { flow }: LockedVersion,
  found: Slots,
  connections: readonly Connection[],
): Promise<{ slots: Record<string, string>; check: PromotionCheck }> {
  const said = (outcome: PromotionCheck["outcome"], detail: string): PromotionCheck => ({
    name: "slots",
    subject: null,
    outcome,
    detail,
  });
  try {
    const slots = await boundSlots(db, environment, flow, named);
    if (flow.slots.length === 0) return { slots, check: said("skipped", "The flow has no slots.") };
    return { slots, check: said("passed", boundTo(flow, slots, found, connections)) };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return { slots: {}, check: said("failed", [error.message, error.hint].filter(Boolean).join(" ")) };
  }
}

/** Whether what the version looks up can be found in the environment. */
async function tableCheck(db: Db, environment: string, flow: Version["flow"]): Promise<PromotionCheck> {
  const names = tableNames(flow);
  const [missing] = await missingTables(db, environment, flow);
  const detail = names.length === 0 ? "The flow looks nothing up." : (missing ?? `${names.join(", ")}.`);
  const outcome = names.length === 0 ? "skipped" : missing === undefined ? "passed" : "failed";
  return { name: "tables", subject: null, outcome, detail: detail.charAt(0).toUpperCase() + detail.slice(1) };
}

/**
 * Both versions look things up in the target's tables as they stand now. They are bound as the environment that the messages came into binds them, so that its recorded answers fit;
 * slots that it does not know, as the target would. Of the target's own messages, the new version reaches what it would be bound to.
 */
async function compare(
  engine: EngineParts,
  memory: ReviewMemory,
  { flow, environment, messages, messagesFrom }: ReviewWish,
  version: Version,
  base: Version | null,
  slots: Record<string, string>,
  deployments: Deployment[],
  target: readonly Connection[],
) {
  const { db } = engine;
  const own = messagesFrom === environment ? target : await listConnections(db, messagesFrom);
  const there = deployments.find((each) => each.environment === messagesFrom)?.slots ?? {};
  const asked = bindingsOf(slots, (id) => target.find((each) => each.id === id));
  const found = bindingsOf(there, (name) => own.find((each) => each.name === name));
  const tables = tableReader(db);
  const planned = async ({ flow: drawn, lock, number }: Version, bindings: Plan["bindings"]): Promise<PlannedVersion> => ({
    number,
    plan: withTables(
      compilePlan({ environment: messagesFrom, flow: drawn, lock, bindings }),
      await tables.of(environment, drawn),
    ),
  });
  const before = base && (await planned(base, { ...asked, ...found }));
  const after = await planned(version, messagesFrom === environment ? { ...found, ...asked } : { ...asked, ...found });
  const stamp = await pastMessagesStamp(db, { environment: messagesFrom, flow, most: messages });
  // The plans' keys are of all that evaluation depends on.
  const key = sha256Hex(JSON.stringify([before?.plan.key, after.plan.key, messagesFrom, messages, stamp]));
  return memory.diffs(key, () => replayDiff(engine, { flow, environment: messagesFrom, before, after, most: messages }));
}

const bindingsOf = (
  slots: Readonly<Record<string, string>>,
  find: (connection: string) => Connection | undefined,
): Record<string, Binding> =>
  Object.fromEntries(
    Object.entries(slots).flatMap(([slot, named]) => {
      const found = find(named);
      if (!found) return [];
      const { id, connector, systemAccount, config } = found;
      return [[slot, { connectionId: id, connector, account: systemAccount, config }] as const];
    }),
  );
