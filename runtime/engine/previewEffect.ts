import { randomUUID } from "node:crypto";
import { compilePlan } from "#nodes/compilePlan.ts";
import { controlNumberOf, effectOperationOf } from "#nodes/connector/operation.ts";
import { type Catalog, makeLock, mappingFiles } from "#nodes/lock.ts";
import { type Binding, type EffectCall, INTO, type Plan, type RunClock } from "#nodes/plan.ts";
import { crossing } from "#runtime/crashPoints.ts";
import { type OpenConnection, openConnections } from "#runtime/store/connections.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Flow } from "#schemas/flow.ts";
import type { PreviewAnswer } from "#schemas/previewAnswer.ts";
import { moment, msSince } from "./moment.ts";
import type { EngineParts } from "./parts.ts";

/** One effect of a draft, ready to be sent for one item. */
export interface PreviewedEffect {
  plan: Plan;
  clock: RunClock;
  call: EffectCall;
  connection: OpenConnection;
}

/** Why a node of a draft has nothing that could be sent. */
export class NotPreviewable extends Error {}

/**
 * Renders what one effect node of a draft would send for an item, over the connection that its slot has in the
 * environment, else the first of its connector. Throws NotPreviewable.
 */
export async function previewEffect(
  parts: EngineParts,
  catalog: Catalog,
  { environment, flow, node, item }: { environment: string; flow: Flow; node: string; item: unknown },
): Promise<PreviewedEffect> {
  const found = flow.nodes.find(({ id }) => id === node);
  const manifest = found && catalog.manifests[found.type];
  if (!found || manifest?.kind !== "effect") throw new NotPreviewable(`The node ${node} of the draft is no effect.`);
  const connections = await connectionsOf(parts, environment, flow);
  const connection = found.slot === undefined ? undefined : connections.get(found.slot);
  if (!connection) throw new NotPreviewable(`The slot of the node has no connection in ${environment}.`);
  const bindings = Object.fromEntries(flow.slots.map((slot) => [slot.name, bindingOf(slot, connections.get(slot.name))]));
  const plan = compilePlan({ environment, flow, lock: makeLock(flow, catalog), bindings });
  const source = flow.nodes.find(({ type }) => catalog.manifests[type]?.kind === "source")?.id ?? "";
  const clock = { runId: randomUUID(), now: new Date().toISOString(), seed: "preview", sourceNode: source };
  const entry = { node, port: `${INTO}${manifest.inputs[0]?.name ?? "in"}` };
  const { result } = await parts.evaluators.segment(plan, { planKey: plan.key, entry, item, clock });
  if (!result.ok) throw new NotPreviewable(result.reason.message);
  const [call] = result.effects;
  if (!call) throw new NotPreviewable(`The node ${node} sends nothing for this item.`);
  return { plan, clock, call, connection };
}

type Slot = Flow["slots"][number];

const bindingOf = ({ name, connector }: Slot, connection: OpenConnection | undefined): Binding => ({
  connectionId: connection?.id ?? name,
  connector,
  account: connection?.systemAccount ?? name,
  config: connection?.config ?? {},
});

/** By slot: as deployed, else the first connection of the slot's connector by name. */
async function connectionsOf(
  { db, box, deployments }: EngineParts,
  environment: string,
  flow: Flow,
): Promise<Map<string, OpenConnection>> {
  const deployed = await deployments.find(environment, flow.id);
  const rows = await db
    .selectFrom("connection")
    .select(["id", "connector"])
    .where("environment", "=", environment)
    .orderBy("name")
    .execute();
  const ids = flow.slots.flatMap(({ name, connector }) => {
    const bound = deployed?.connections.get(name);
    const id = bound?.connector === connector ? bound.id : rows.find((row) => row.connector === connector)?.id;
    return id === undefined ? [] : [[name, id] as const];
  });
  const open = await openConnections(db, box, [...new Set(ids.map(([, id]) => id))]);
  return new Map(ids.flatMap(([name, id]) => open.filter((one) => one.id === id).map((one) => [name, one] as const)));
}

/**
 * Why an effect is not sent from a preview, or null. The ledger knows nothing of a preview: what a target would take twice
 * is sent to a sandbox only, and no preview goes over what a run has written. Nor does a draft come past what guards an
 * environment: what writes there is as it was promoted.
 */
export async function whyNotSent(
  parts: Pick<EngineParts, "db" | "deployments">,
  effect: PreviewedEffect,
): Promise<string | null> {
  const { db } = parts;
  const { plan, call, connection } = effect;
  if (connection.state !== "active") return `The connection ${connection.name} is ${connection.state}.`;
  if (call.read || connection.sandbox) return null;
  if (isNumbered(effect)) return "Its control number is given by a run. Over a sandbox it may be sent without one.";
  if ((call.idempotency !== "key" && call.idempotency !== "natural") || forgetsKeys(effect))
    return "A run that comes later would send it a second time, and the target would take both. Over a sandbox it may be sent.";
  const environment = await db
    .selectFrom("environment")
    .select("protected")
    .where("id", "=", plan.environment)
    .executeTakeFirst();
  if (environment?.protected && !(await isDeployed(parts, effect)))
    return `${plan.environment} is protected, and runs no version in which the node ${call.node} is as the draft has it. Promote it first, or send over a sandbox.`;
  const known = await db.selectFrom("effect").select("state").where("effect_key", "=", call.effectKey).executeTakeFirst();
  return known ? `A run has written the document ${call.documentKey} there; a preview does not go over it.` : null;
}

function operationOf({ plan: { flow, lock }, call }: PreviewedEffect) {
  const node = flow.nodes.find(({ id }) => id === call.node);
  return effectOperationOf(lock, lock.manifests[node?.type ?? ""], node?.config);
}

function isNumbered(effect: PreviewedEffect): boolean {
  const operation = operationOf(effect);
  return operation !== undefined && controlNumberOf(operation) !== undefined;
}

/** Whether the target takes a request for new once its key is old: a run may come later than that. */
const forgetsKeys = (effect: PreviewedEffect): boolean => operationOf(effect)?.idempotency.keptMs !== undefined;

/** Whether the environment runs a version that would send the same for the item. */
async function isDeployed(
  { deployments }: Pick<EngineParts, "deployments">,
  { plan, call, connection }: PreviewedEffect,
): Promise<boolean> {
  const madeFrom = ({ flow, lock }: Plan): string => {
    const { type = "", version = 1, slot = null, config = {} } = flow.nodes.find(({ id }) => id === call.node) ?? {};
    const [manifest, connector] = [lock.manifests[type], lock.connectors[connection.connector]];
    const operation = effectOperationOf(lock, manifest, config);
    // An installed mapping may be another under the same connector.
    const files = connector && operation ? mappingFiles(connector, [operation]) : [];
    const mappings = files.map((file) => lock.mappings[`${connection.connector}/${file}`] ?? null);
    return canonicalJson([type, version, slot, config, manifest ?? null, connector ?? null, mappings]);
  };
  const deployed = await deployments.find(plan.environment, plan.flow.id);
  const running = await Promise.all((deployed?.versions ?? []).map(({ id }) => deployed?.plan(id, null)));
  return running.some((one) => one !== undefined && madeFrom(one) === madeFrom(plan));
}

type Answer = NonNullable<PreviewAnswer["answer"]>;

/** Sends it once, as a worker would, and reads the answer by the operation's rules. */
export async function askForPreview(parts: EngineParts, { plan, clock, call, connection }: PreviewedEffect): Promise<Answer> {
  const connector = plan.lock.connectors[connection.connector];
  if (!connector) throw new NotPreviewable(`The connector of ${connection.name} is not there any more.`);
  const begun = moment();
  const performed = await crossing(call.read ? "request.read" : "request.effect", () =>
    parts.http.perform(connector, connection, call.request),
  );
  const ms = Math.round(msSince(begun));
  if (!performed.ok) return { good: false, status: null, ms, result: null, message: performed.failure.reason.message };
  const { response } = performed;
  const job = { planKey: plan.key, node: call.node, item: call.item, clock, question: "request" as const, response };
  const read = await parts.evaluators.answer(plan, job);
  if (!read.ok) return { good: false, status: response.status, ms, result: null, message: read.reason.message };
  return { good: true, status: response.status, ms, result: read.result, message: null };
}
