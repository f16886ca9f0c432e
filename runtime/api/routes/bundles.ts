import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import type { Db } from "#runtime/store/database.ts";
import { transact } from "#runtime/store/durable.ts";
import { notePushed, readFlowFiles } from "#runtime/store/flowFiles.ts";
import { createFlow, publishVersion, readDraft, saveDraft } from "#runtime/store/flows.ts";
import { keepSamples } from "#runtime/store/samples.ts";
import { Bundle, FilesOrigin, FlowFiles, ImportReport } from "#schemas/bundle.ts";
import { permits } from "#schemas/people.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { exportBundle } from "../bundles/export.ts";
import { type ReadyFlow, reviewImport } from "../bundles/report.ts";
import { callerOf, sees } from "../caller.ts";
import { draftConflict } from "../draftConflict.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";
import { sampleTexts } from "../samples.ts";

const tags = ["bundles"];

/** A bundle with the largest connectors, and some hundreds of flows; the API takes no larger body either. */
const MOST_FLOWS = 1_000;

const Query = Type.Object({
  flows: Type.Optional(Type.String({ minLength: 1, maxLength: 8_000, description: "Ids with commas; all without it." })),
  of: Type.Optional(Type.Enum(["versions", "drafts"], { description: "Newest versions, unless told." })),
  environment: Type.Optional(Type.String({ minLength: 1, description: "What it runs, in their place." })),
});

const Import = Type.Object(
  {
    bundle: Bundle,
    publish: Type.Optional(Type.Boolean({ description: "Also make versions; else drafts alone." })),
    dryRun: Type.Optional(Type.Boolean({ description: "Only say what would change." })),
    force: Type.Optional(Type.Boolean({ description: "Also over drafts and samples whose changes were never published." })),
    note: Type.Optional(Type.String({ maxLength: 2_000 })),
    origin: Type.Optional(FilesOrigin),
  },
  { additionalProperties: false },
);

/** Flows as files, out of an installation and into another one. */
export function bundleRoutes(app: App, { engine, catalog, turns }: ApiParts): void {
  const { db } = engine;

  app.get(
    "/export",
    {
      schema: {
        tags,
        summary: "Flows with their samples, connectors, mappings and schemas as files, with the hash of each; never a secret",
        querystring: Query,
        response: { 200: Bundle },
      },
    },
    async (request) => {
      const { flows, of = "versions", environment } = request.query;
      if (environment !== undefined) {
        await requireEnvironment(db, environment);
        if (!permits(callerOf(request).grants, "see", environment))
          throw new ApiFailure("forbidden", { roles: "viewer", where: environment });
      }
      const named = flows === undefined ? null : [...new Set(flows.split(",").map((flow) => flow.trim()))];
      return exportBundle(db, catalog, { flows: named, of: environment === undefined ? of : { environment } });
    },
  );

  app.post(
    "/imports",
    {
      schema: {
        tags,
        summary: "Take flows in from files, as drafts or versions; all of them or none",
        description:
          "Hashes must fit. With `publish` each flow must be valid and its samples come out as they say. The report tells what changes, and what has to be bound before a flow can be deployed. Connectors that are not installed need the role admin everywhere.",
        body: Import,
        response: { 200: ImportReport },
      },
    },
    // All samples of all its flows are tried, which keeps evaluators as busy as a review does.
    (request) => turns({ who: actorOf(request), gone: () => request.socket.destroyed }, () => takeIn(request)),
  );

  app.get(
    "/flows/:flow/files",
    {
      schema: {
        tags,
        summary: "How a flow stands to the files it was last pushed from",
        params: Type.Object({ flow: Type.String() }),
        response: { 200: Type.Object({ files: Type.Union([FlowFiles, Type.Null()]) }) },
      },
    },
    async (request) => {
      const draft = await readDraft(db, request.params.flow);
      if (!draft) throw new ApiFailure("notFound", { what: `flow ${request.params.flow}` });
      const files = await readFlowFiles(db, draft.flow);
      if (!files) return { files: null };
      // What others run of a flow is theirs to know.
      return { files: { ...files, deployments: files.deployments.filter(({ environment }) => sees(request, environment)) } };
    },
  );

  async function takeIn(request: FastifyRequest<{ Body: Static<typeof Import> }>): Promise<ImportReport> {
    const { bundle, publish = false, dryRun = false, force = false, note = "", origin = null } = request.body;
    if (Object.keys(bundle.files).filter((path) => path.endsWith(".flow.json")).length > MOST_FLOWS)
      throw new ApiFailure("importRefused", { detail: `there are more than ${MOST_FLOWS} flows.` });
    const bringsConnectors = permits(callerOf(request).grants, "administer", null);
    const seen = (environment: string): boolean => sees(request, environment);
    const { report, ready } = await reviewImport(engine, catalog, { bundle, publish, force, bringsConnectors, sees: seen });
    if (dryRun) return report;
    if (report.refusals.length > 0) throw new ApiFailure("importRefused", { detail: report.refusals.join(" ") });
    const actor = actorOf(request);
    await transact(db, "flow.publish", async (tx) => {
      for (const each of ready) {
        await keepDraft(tx, each, actor);
        const limits = { samplesPerFlow: engine.settings.maxSamplesPerFlow };
        const kept = await keepSamples(tx, each.flow.id, each.samples, limits, actor);
        if (!kept.ok)
          throw kept.why === "full"
            ? new ApiFailure("samplesFull", { flow: each.flow.id, most: limits.samplesPerFlow })
            : new ApiFailure("sampleConflict", { sample: kept.name });
        const samples = await sampleTexts(tx, each.flow.id);
        if (publish && each.lock) await publishVersion(tx, each.flow, each.lock, note, actor, samples);
        await notePushed(tx, { flow: each.flow, versionHash: each.imported.version?.hash ?? null, origin }, actor);
      }
    });
    // With the numbers that the versions have now.
    const { report: after } = await reviewImport(engine, catalog, {
      bundle,
      publish,
      force: true,
      bringsConnectors,
      sees: seen,
    });
    return { ...after, applied: true, flows: after.flows.map((flow, index) => told(flow, report.flows[index])) };
  }
}

async function keepDraft(db: Db, { flow, draft, imported }: ReadyFlow, actor: string): Promise<void> {
  if (!draft) {
    if (!(await createFlow(db, flow, actor))) throw new ApiFailure("flowExists", { flow: flow.id });
    return;
  }
  if (imported.draft === "same") return;
  const saved = await saveDraft(db, flow.id, draft.revision, flow, actor);
  if (saved && !saved.ok) throw draftConflict(saved.current);
}

/** What changed was told before it was done. */
const told = <Flow extends ImportReport["flows"][number]>(after: Flow, before: Flow | undefined): Flow => ({
  ...after,
  draft: before?.draft ?? after.draft,
  changes: before?.changes ?? after.changes,
  samples: { ...after.samples, changed: before?.samples.changed ?? [], ahead: before?.samples.ahead ?? [] },
});
