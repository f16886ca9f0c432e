import { Type } from "typebox";
import { listConnections } from "#runtime/store/connections.ts";
import type { Db } from "#runtime/store/database.ts";
import { type DeploymentChange, listDeployments, putDeployment } from "#runtime/store/deployments.ts";
import { endDeployment } from "#runtime/store/endDeployment.ts";
import { readDraft, readVersion } from "#runtime/store/flows.ts";
import { movedSlot } from "#runtime/store/promotionSlots.ts";
import type { VersionSummary } from "#schemas/api.ts";
import { Deployment } from "#schemas/deployment.ts";
import type { Flow } from "#schemas/flow.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireDirect, requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";
import { requireTables } from "../tables.ts";

/** What an environment runs of a flow. */
export function deploymentRoutes(app: App, { engine }: ApiParts): void {
  const { db } = engine;
  app.put(
    "/environments/:environment/deployments/:flow",
    {
      schema: {
        tags: ["deployments"],
        summary: "Deploy a version, bind slots, pause or resume",
        params: Type.Object({ environment: Type.String(), flow: Type.String() }),
        body: Type.Object({
          version: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000_000_000 })),
          state: Type.Optional(Type.Enum(["active", "paused"])),
          slots: Type.Optional(Type.Record(Type.String(), Type.String())),
        }),
        response: { 200: Deployment },
      },
    },
    async (request) => {
      const { environment, flow } = request.params;
      const { version: number, state, slots } = request.body;
      await requireEnvironment(db, environment);
      if (!(await readDraft(db, flow))) throw new ApiFailure("notFound", { what: `flow ${flow}` });
      // All of it is looked at with the environment held: between a look and the change a promotion could bind other slots.
      const decide = async (held: Db): Promise<DeploymentChange> => {
        const current = (await listDeployments(held, flow)).find((each) => each.environment === environment);
        const wanted = number ?? current?.versions[0]?.number;
        if (wanted === undefined) throw new ApiFailure("nothingDeployed");
        const version = await readVersion(held, flow, wanted);
        if (!version) throw new ApiFailure("notFound", { what: `version ${wanted} of flow ${flow}` });
        // What runs there may be set again: that changes nothing.
        if (number !== undefined && !runsAlone(current, number)) {
          requireUsable(version);
          await requireDeployable(held, environment, version.flow);
        }
        // Both versions of a canary use the slots: its errors would be those of another system.
        const rebinds = Object.entries(slots ?? {}).some(([slot, name]) => current?.slots[slot] !== name);
        if (current && current.versions.length > 1 && rebinds) throw new ApiFailure("deploymentCanary", { flow, environment });
        if (current && rebinds) await requireSameAccounts(held, current, slots ?? {}, version.number);
        return {
          ...(number === undefined ? {} : { version }),
          ...(state ? { state } : {}),
          slots: await boundSlots(held, environment, version.flow, slots ?? {}),
        };
      };
      await putDeployment(db, environment, flow, decide, actorOf(request));
      engine.deployments.forget();
      return (await listDeployments(db, flow)).find((each) => each.environment === environment) as Deployment;
    },
  );

  app.delete(
    "/environments/:environment/deployments/:flow",
    {
      schema: {
        tags: ["deployments"],
        summary: "Take a flow out of an environment",
        description: "It accepts nothing there any more; runs under way go on to their end.",
        params: Type.Object({ environment: Type.String(), flow: Type.String() }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { environment, flow } = request.params;
      await requireEnvironment(db, environment);
      const ended = await endDeployment(db, environment, flow, actorOf(request));
      if (!ended.ok && ended.why === "missing")
        throw new ApiFailure("notFound", { what: `deployment of ${flow} in ${environment}` });
      if (!ended.ok && ended.why === "canary") throw new ApiFailure("deploymentCanary", { flow, environment });
      if (!ended.ok && ended.why === "holds") throw new ApiFailure("deploymentHolds", { flow, environment, count: ended.count });
      engine.deployments.forget();
      return reply.code(204).send(null);
    },
  );
}

/** Where versions are approved, so is what they reach: a slot goes to another account by a promotion of the same version. */
async function requireSameAccounts(
  db: Db,
  { environment, slots }: Deployment,
  asked: Readonly<Record<string, string>>,
  number: number,
): Promise<void> {
  const guarded = await db.selectFrom("environment").select("protection").where("id", "=", environment).executeTakeFirst();
  if (guarded?.protection !== "approval") return;
  const connections = await listConnections(db, environment);
  const moved = movedSlot(slots, asked, (name) => connections.find((each) => each.name === name)?.systemAccount);
  if (moved) throw new ApiFailure("deploymentRebinds", { ...moved, environment, number });
}

const runsAlone = (deployment: Deployment | undefined, number: number): boolean =>
  deployment?.versions.length === 1 && deployment.versions[0]?.number === number;

/** Refuses to deploy a flow where versions come by promotion only, or where it would look things up in vain. */
export async function requireDeployable(db: Db, environment: string, flow: Flow): Promise<void> {
  await requireDirect(db, environment, flow.id);
  await requireTables(db, environment, flow);
}

/** Refuses to deploy what was retired. */
export function requireUsable({ number, state }: VersionSummary): void {
  if (state === "retired") throw new ApiFailure("versionRetired", { number });
}

/**
 * A connection id for every slot: the one named, else the one bound already, else the only connection of that connector
 * in the environment. Throws which slot lacks one.
 */
export async function boundSlots(
  db: Db,
  environment: string,
  flow: Flow,
  named: Record<string, string>,
): Promise<Record<string, string>> {
  await requireEnvironment(db, environment);
  const unknown = Object.keys(named).find((name) => !flow.slots.some((slot) => slot.name === name));
  if (unknown !== undefined) throw new ApiFailure("slotUnknown", { flow: flow.id, slot: unknown });
  const connections = await db
    .selectFrom("connection")
    .select(["id", "name", "connector"])
    .where("environment", "=", environment)
    .execute();
  const bound = await db
    .selectFrom("deployment_slot as s")
    .innerJoin("deployment as d", "d.id", "s.deployment_id")
    .select(["s.slot", "s.connection_id"])
    .where("d.environment", "=", environment)
    .where("d.flow_id", "=", flow.id)
    .execute();
  const result: Record<string, string> = {};
  for (const slot of flow.slots) {
    const name = Object.hasOwn(named, slot.name) ? named[slot.name] : undefined;
    const called = slot.title ? `${slot.title} (${slot.name})` : slot.name;
    const fitting = connections.filter((each) => each.connector === slot.connector);
    const already = connections.find((each) => each.id === bound.find((row) => row.slot === slot.name)?.connection_id);
    const chosen =
      name === undefined
        ? (already ?? (fitting.length === 1 ? fitting[0] : undefined))
        : connections.find((each) => each.name === name);
    if (!chosen)
      throw name === undefined
        ? new ApiFailure("slotUnbound", { slot: called, environment })
        : new ApiFailure("notFound", { what: `connection ${name} in ${environment}` });
    if (chosen.connector !== slot.connector) {
      throw new ApiFailure("slotMismatch", {
        slot: called,
        expected: slot.connector,
        connection: chosen.name,
        found: chosen.connector,
      });
    }
    result[slot.name] = chosen.id;
  }
  return result;
}
