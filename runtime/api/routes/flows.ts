import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { checkExpression } from "#nodes/expression/expression.ts";
import { makeLock } from "#nodes/lock.ts";
import { lockAge } from "#nodes/lockAge.ts";
import { archivedAt, setArchived } from "#runtime/store/archive.ts";
import type { Db } from "#runtime/store/database.ts";
import { listDeployments, putDeployment } from "#runtime/store/deployments.ts";
import {
  createFlow,
  type Draft,
  listVersions,
  publishVersion,
  readDraft,
  readVersion,
  samplesShared,
  saveDraft,
} from "#runtime/store/flows.ts";
import { flowStatus, listFlows } from "#runtime/store/status.ts";
import {
  DraftSaved,
  FlowArchive,
  FlowDetail,
  FlowStatus,
  Flows,
  FlowTemplates,
  VersionDetail,
  VersionSummary,
  Versions,
} from "#schemas/api.ts";
import { canonicalSchemaNames } from "#schemas/canonical/registry.ts";
import type { Flow } from "#schemas/flow.ts";
import { hashFlow } from "#schemas/hash.ts";
import { Problem } from "#schemas/problem.ts";
import { isPublishable, validateFlow } from "#schemas/validate/flow.ts";
import { flowShape } from "#schemas/validate/shape.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { environmentsNamed, sees } from "../caller.ts";
import { draftConflict } from "../draftConflict.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";
import { FlowBody } from "../openapi.ts";
import { sampleTexts } from "../samples.ts";
import { flowTemplates } from "../templates.ts";
import { versionAges } from "../versionAges.ts";
import { boundSlots, requireDeployable, requireUsable } from "./deployments.ts";

const FlowParams = Type.Object({ flow: Type.String() });
const Revision = Type.Integer({ minimum: 0, maximum: 2_000_000_000 });
const tags = ["flows"];

/** What others run of a flow is theirs to know. */
const visible = <Each extends { environment: string }>(request: FastifyRequest, each: Each[]): Each[] =>
  each.filter(({ environment }) => sees(request, environment));

/** Drafts and versions of flows. */
export function flowRoutes(app: App, { engine, catalog }: ApiParts): void {
  const { db } = engine;
  const schemas = canonicalSchemaNames();
  const problemsOf = (flow: unknown): Problem[] =>
    validateFlow(flow, { manifests: catalog.manifests, connectors: catalog.connectors, checkExpression, schemas });

  const ages = versionAges(db, catalog);
  /** Of a draft, and of what was made of it before and runs still. */
  const allProblemsOf = async (flow: Flow, request: FastifyRequest): Promise<Problem[]> => [
    ...problemsOf(flow),
    ...(await ages.ofRunning(flow.id, (environment) => sees(request, environment))),
  ];

  const detailOf = async (draft: Draft, request: FastifyRequest): Promise<FlowDetail> => {
    const [latest, deployments, archived] = await Promise.all([
      readVersion(db, draft.flow.id, "latest"),
      listDeployments(db, draft.flow.id),
      archivedAt(db, draft.flow.id),
    ]);
    return {
      ...draft,
      problems: await allProblemsOf(draft.flow, request),
      latestVersion: latest ? { number: latest.number, hash: latest.hash } : null,
      changed: !latest || hashOf(draft.flow) !== latest.hash,
      deployments: visible(request, deployments),
      archivedAt: archived,
    };
  };

  /** Null when the flow uses something that does not exist here: then it differs from every version. */
  const hashOf = (flow: Flow): string | null => {
    try {
      return hashFlow(flow, makeLock(flow, catalog));
    } catch {
      return null;
    }
  };

  const draftOf = async (id: string): Promise<Draft> => {
    const draft = await readDraft(db, id);
    if (!draft) throw new ApiFailure("notFound", { what: `flow ${id}` });
    return draft;
  };

  /** A draft may be unfinished, but it must be drawable: its shape is a flow's. */
  const asFlow = (value: unknown, id?: string): Flow => {
    const problems = flowShape(value);
    if (problems[0]) throw new ApiFailure("flowMalformed", { detail: problems[0].message }, { problems });
    const flow = value as Flow;
    if (id !== undefined && flow.id !== id) throw new ApiFailure("flowMalformed", { detail: `its id is ${flow.id}, not ${id}.` });
    return flow;
  };

  app.get(
    "/flows",
    {
      schema: {
        tags,
        summary: "Every flow",
        querystring: Type.Object({
          environment: Type.Optional(
            Type.String({ minLength: 1, description: "Count runs and dead letters of this environment only." }),
          ),
          archived: Type.Optional(
            Type.Enum(["true", "false"], { description: "Those that are archived, in place of those in use." }),
          ),
        }),
        response: { 200: Flows },
      },
    },
    async (request) => {
      const { environment, archived } = request.query;
      if (environment !== undefined) await requireEnvironment(db, environment);
      const flows = await listFlows(db, new Date(), { environment, archived: archived === "true" });
      const items = flows.map((flow) => ({
        ...flow,
        deployments: visible(request, flow.deployments),
        failedPromotions: visible(request, flow.failedPromotions),
      }));
      return { items };
    },
  );

  app.post(
    "/flows",
    {
      schema: {
        tags,
        summary: "Make a flow",
        body: Type.Object({
          flow: FlowBody,
          samplesOf: Type.Optional(
            Type.String({
              maxLength: 64,
              description: "A ready flow or another one, of which it is a copy: it has the same samples.",
            }),
          ),
        }),
        response: { 201: FlowDetail },
      },
    },
    async (request, reply) => {
      const flow = asFlow(request.body.flow);
      const { samplesOf } = request.body;
      // A copy of a copy shares what the first one shares.
      const samples =
        samplesOf === undefined ? null : { shared: (await samplesShared(db, samplesOf)) ?? samplesOf, copied: samplesOf };
      if (!(await createFlow(db, flow, actorOf(request), samples))) throw new ApiFailure("flowExists", { flow: flow.id });
      return reply.code(201).send(await detailOf(await draftOf(flow.id), request));
    },
  );

  app.get(
    "/flow-templates",
    { schema: { tags, summary: "Ready flows to begin with", response: { 200: FlowTemplates } } },
    async () => ({ items: await flowTemplates() }),
  );

  app.post(
    "/flows/validate",
    {
      schema: {
        tags,
        summary: "Check a flow without saving it",
        body: Type.Object({ flow: FlowBody }),
        response: { 200: Type.Object({ problems: Type.Array(Problem) }) },
      },
    },
    (request) => ({ problems: problemsOf(request.body.flow) }),
  );

  app.get(
    "/flows/:flow",
    { schema: { tags, summary: "A flow's draft", params: FlowParams, response: { 200: FlowDetail } } },
    async (request) => detailOf(await draftOf(request.params.flow), request),
  );

  app.put(
    "/flows/:flow/draft",
    {
      schema: {
        tags,
        summary: "Save the draft over the revision it was made from",
        params: FlowParams,
        body: Type.Object({ revision: Revision, flow: FlowBody }),
        response: { 200: DraftSaved },
      },
    },
    async (request) => {
      const { revision } = request.body;
      const flow = asFlow(request.body.flow, request.params.flow);
      const saved = await saveDraft(db, flow.id, revision, flow, actorOf(request));
      if (!saved) throw new ApiFailure("notFound", { what: `flow ${flow.id}` });
      if (!saved.ok) throw draftConflict(saved.current);
      const latest = await readVersion(db, flow.id, "latest");
      return {
        revision: saved.revision,
        problems: await allProblemsOf(flow, request),
        changed: !latest || hashOf(flow) !== latest.hash,
      };
    },
  );

  app.post(
    "/flows/:flow/versions",
    {
      schema: {
        tags,
        summary: "Publish the draft as a version, and deploy it where asked",
        params: FlowParams,
        body: Type.Object({
          revision: Revision,
          note: Type.Optional(Type.String({ maxLength: 2000 })),
          deployTo: Type.Optional(Type.Array(Type.String())),
        }),
        response: { 200: VersionSummary, 201: VersionSummary },
      },
    },
    async (request, reply) => {
      const draft = await draftOf(request.params.flow);
      if (draft.revision !== request.body.revision) throw draftConflict(draft);
      if ((await archivedAt(db, draft.flow.id)) !== null) throw new ApiFailure("flowArchived", { flow: draft.flow.id });
      const problems = problemsOf(draft.flow);
      if (!isPublishable(problems)) throw new ApiFailure("flowInvalid", {}, { problems });
      const actor = actorOf(request);
      const targets = request.body.deployTo ?? [];
      // Before anything is published: a slot that cannot be bound must not leave a version behind that runs nowhere.
      const slotsIn = async (held: Db, environment: string): Promise<Record<string, string>> => {
        await requireDeployable(held, environment, draft.flow);
        return boundSlots(held, environment, draft.flow, {});
      };
      for (const environment of targets) await slotsIn(db, environment);
      const samples = await sampleTexts(db, draft.flow.id);
      const { note = "" } = request.body;
      const published = await publishVersion(db, draft.flow, makeLock(draft.flow, catalog), note, actor, samples);
      if (targets.length > 0) requireUsable(published.version);
      const { number } = published.version;
      const version = await readVersion(db, draft.flow.id, number);
      if (!version) throw new Error(`Version ${number} of ${draft.flow.id}, just published, is not there.`);
      for (const environment of targets) {
        const decide = async (held: Db) => ({ version, slots: await slotsIn(held, environment) });
        await putDeployment(db, environment, draft.flow.id, decide, actor);
      }
      engine.deployments.forget();
      return reply.code(published.made ? 201 : 200).send(published.version);
    },
  );

  for (const [verb, archived, summary] of [
    ["archive", true, "Put a flow away: it is not listed any more and cannot be deployed; one that runs anywhere cannot be"],
    ["restore", false, "Bring an archived flow back"],
  ] as const) {
    app.post(
      `/flows/:flow/${verb}`,
      { schema: { tags, summary, params: FlowParams, body: Type.Object({}), response: { 200: FlowArchive } } },
      async (request) => {
        const { flow } = request.params;
        const set = await setArchived(db, flow, archived, actorOf(request));
        if (set.ok) return { archivedAt: set.archivedAt };
        if (set.why === "missing") throw new ApiFailure("notFound", { what: `flow ${flow}` });
        const environments = environmentsNamed(request, set.environments);
        if (set.why === "deployed") throw new ApiFailure("flowDeployed", { flow, environments });
        throw new ApiFailure("promotionOpen", { flow, environment: environments });
      },
    );
  }

  app.get(
    "/flows/:flow/versions",
    { schema: { tags, summary: "A flow's versions", params: FlowParams, response: { 200: Versions } } },
    async (request) => ({
      items: await listVersions(db, (await draftOf(request.params.flow)).flow.id),
    }),
  );

  app.get(
    "/flows/:flow/versions/:number",
    {
      schema: {
        tags,
        summary: "One version with its lock",
        params: Type.Object({ flow: Type.String(), number: Type.Integer({ minimum: 1, maximum: 2_000_000_000 }) }),
        response: { 200: VersionDetail },
      },
    },
    async (request) => {
      const { flow, number } = request.params;
      const version = await readVersion(db, flow, number);
      if (!version) throw new ApiFailure("notFound", { what: `version ${number} of flow ${flow}` });
      return { ...version, old: lockAge(version.lock, catalog, new Date()) };
    },
  );

  app.get(
    "/environments/:environment/flows/:flow/status",
    {
      schema: {
        tags: ["runs"],
        summary: "Live numbers of a flow: runs, items at each node and edge",
        params: Type.Object({ environment: Type.String(), flow: Type.String() }),
        querystring: Type.Object({ minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })) }),
        response: { 200: FlowStatus },
      },
    },
    async (request) => {
      const { environment, flow } = request.params;
      await requireEnvironment(db, environment);
      const { flow: drawn, revision, updatedAt, updatedBy } = await draftOf(flow);
      const counts = await flowStatus(db, environment, drawn, request.query.minutes ?? 60, new Date());
      return { ...counts, draft: { revision, updatedAt, updatedBy } };
    },
  );
}
