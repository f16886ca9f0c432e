import { changesOf } from "#nodes/bundle/changes.ts";
import { filesCatalog, type OpenedBundle, openBundle } from "#nodes/bundle/openBundle.ts";
import { checkExpression } from "#nodes/expression/expression.ts";
import { type Catalog, makeLock } from "#nodes/lock.ts";
import type { Lock } from "#nodes/plan.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import { flowHash } from "#runtime/store/draftChanges.ts";
import { type Draft, listVersions, readDraft, readVersion } from "#runtime/store/flows.ts";
import type { PushedSamples } from "#runtime/store/samples.ts";
import type { VersionSummary } from "#schemas/api.ts";
import type { Bundle, ImportedFlow, ImportReport } from "#schemas/bundle.ts";
import { canonicalSchema, canonicalSchemaNames } from "#schemas/canonical/registry.ts";
import { changesBetween } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import { hashFlow } from "#schemas/hash.ts";
import type { FlowSample } from "#schemas/sample.ts";
import { isPublishable, validateFlow } from "#schemas/validate/flow.ts";
import { validateSample } from "#schemas/validate/sample.ts";
import { flowShape } from "#schemas/validate/shape.ts";
import { runSamples } from "../promotions/checks.ts";
import { type SamplesTaken, samplesTaken } from "./samples.ts";
import { slotsToBind, tableNotices } from "./toBind.ts";

export interface ImportWish {
  bundle: Bundle;
  /** Also makes versions; else drafts alone. */
  publish: boolean;
  /** Also over drafts and samples with changes that were never published. */
  force: boolean;
  /** Whether the caller may bring connectors that are not installed: they say what is done with secrets. */
  bringsConnectors: boolean;
  /** Whether the caller may know what an environment holds. */
  sees(environment: string): boolean;
}

/** A flow of the files, with what is stored of it when nothing is in the way. */
export interface ReadyFlow {
  flow: Flow;
  /** Null where something that the flow uses does not exist here. */
  lock: Lock | null;
  draft: Draft | undefined;
  samples: PushedSamples;
  imported: ImportedFlow;
}

/** What importing a bundle would do, and what is in its way; nothing is stored. */
export async function reviewImport(
  engine: EngineParts,
  installed: Catalog,
  wish: ImportWish,
): Promise<{ report: ImportReport; ready: ReadyFlow[] }> {
  const opened = openBundle(wish.bundle);
  const flows = opened.flows.flatMap(({ id, flow }) =>
    flowShape(flow).length === 0 && (flow as Flow).id === id ? [flow as Flow] : [],
  );
  const used = new Set(flows.flatMap((flow) => [...flow.slots.map(({ connector }) => connector), ...ofTypes(flow)]));
  const { catalog, foreign, faults } = filesCatalog(installed, opened, used);
  const taken = await Promise.all(flows.map(({ id }) => samplesTaken(engine, wish.bundle, opened, id)));
  const ready = await Promise.all(
    flows.map(async (flow, index) => {
      const { pushed, changed, ahead } = taken[index] as SamplesTaken;
      return { ...(await readyFlow(engine, { catalog, installed }, opened, flow, { changed, ahead })), samples: pushed };
    }),
  );
  const refusals = [
    ...opened.faults,
    ...opened.flows.flatMap(({ id, flow }) => malformed(id, flow)),
    ...faults,
    ...(opened.flows.length === 0 ? ["There is no flow in the files."] : []),
    ...(foreign.length > 0 && !wish.bringsConnectors
      ? [`Only an admin brings connectors that are not installed: ${foreign.map(({ id }) => id).join(", ")}.`]
      : []),
    ...taken.flatMap((each) => each.refusals),
    ...ready.flatMap((each) => inTheWay(each, wish)),
  ];
  const notices = [
    ...foreign.map(({ id, version, installed: own }) =>
      own === null
        ? `The connector ${id} is not installed here: versions made of the files hold it, drafts published here cannot use it.`
        : `The connector ${id} ${version} of the files is another one than ${own} here: a draft published here makes another version.`,
    ),
    ...schemaNotices(opened),
    ...(await tableNotices(engine.db, flows, wish.sees)),
    ...ready.flatMap(({ flow, imported }) => otherHash(flow.id, imported, wish.bundle)),
  ];
  const bind = await slotsToBind(engine.db, flows, wish.sees);
  return { report: { applied: false, refusals, notices, flows: ready.map(({ imported }) => imported), bind }, ready };
}

/** The connectors that a flow's node types are operations of. */
const ofTypes = ({ nodes }: Flow): string[] =>
  nodes.flatMap(({ type }) => (type.includes(".") ? [type.split(".")[0] ?? ""] : []));

function malformed(id: string, flow: unknown): string[] {
  const [problem] = flowShape(flow);
  if (problem) return [`flows/${id}.flow.json: ${problem.message}`];
  return (flow as Flow).id === id ? [] : [`flows/${id}.flow.json: its id is ${(flow as Flow).id}.`];
}

interface Catalogs {
  /** With the connectors of the files. */
  catalog: Catalog;
  installed: Catalog;
}

async function readyFlow(
  engine: EngineParts,
  { catalog, installed }: Catalogs,
  opened: OpenedBundle,
  flow: Flow,
  standing: Pick<SamplesTaken, "changed" | "ahead">,
): Promise<Omit<ReadyFlow, "samples">> {
  const { db } = engine;
  const { manifests, connectors } = catalog;
  const problems = validateFlow(flow, { manifests, connectors, checkExpression, schemas: canonicalSchemaNames() });
  const lock = lockOf(flow, catalog);
  const [draft, versions, latest] = await Promise.all([
    readDraft(db, flow.id),
    listVersions(db, flow.id),
    readVersion(db, flow.id, "latest"),
  ]);
  const hash = lock && hashFlow(flow, lock);
  const known = versions.find((version) => version.hash === hash);
  return {
    flow,
    lock,
    draft,
    imported: {
      flow: flow.id,
      name: flow.name,
      draft: draftState(flow, draft?.flow, latest?.flow, (own) => isPublished(own, installed, versions)),
      version: hash === null ? null : { hash, number: known?.number ?? null },
      changes: latest && lock ? changesOf(latest, { flow, lock }) : [],
      problems,
      samples: {
        ...(lock && isPublishable(problems) ? await samplesOf(engine, { flow, lock }, opened) : { passed: 0, failed: [] }),
        ...standing,
      },
    },
  };
}

function lockOf(flow: Flow, catalog: Catalog): Lock | null {
  try {
    return makeLock(flow, catalog);
  } catch {
    // What is missing is told among the problems of the flow.
    return null;
  }
}

function draftState(
  flow: Flow,
  draft: Flow | undefined,
  latest: Flow | undefined,
  isPublic: (draft: Flow) => boolean,
): ImportedFlow["draft"] {
  if (!draft) return "new";
  const now = flowHash(draft);
  if (now === flowHash(flow)) return "same";
  return (latest && now === flowHash(latest)) || isPublic(draft) ? "changed" : "ahead";
}

/** Whether a draft is what some version is: then nothing of it is lost. */
function isPublished(draft: Flow, installed: Catalog, versions: readonly VersionSummary[]): boolean {
  const lock = lockOf(draft, installed);
  return lock !== null && versions.some(({ hash }) => hash === hashFlow(draft, lock));
}

async function samplesOf(
  engine: EngineParts,
  locked: { flow: Flow; lock: Lock },
  opened: OpenedBundle,
): Promise<Omit<ImportedFlow["samples"], "changed" | "ahead">> {
  const given = Object.entries(opened.samples[locked.flow.id] ?? {});
  const faults = given.flatMap(([name, sample]) => {
    const found = validateSample(sample, { flow: locked.flow, manifests: locked.lock.manifests });
    const first = found.find(({ severity }) => severity === "error");
    return first ? [{ name, said: `${name}: ${first.message}` }] : [];
  });
  const sound = given.filter(([name]) => !faults.some((fault) => fault.name === name)).map(([, sample]) => sample as FlowSample);
  const results = await runSamples(engine, locked, sound);
  const failed = results.filter(({ ok }) => !ok).map(({ sample, differences }) => `${sample}: ${differences.join(" ")}`);
  return { passed: results.length - failed.length, failed: [...faults.map(({ said }) => said), ...failed] };
}

function inTheWay({ flow, imported }: Pick<ReadyFlow, "flow" | "imported">, { publish, force }: ImportWish): string[] {
  const { problems, samples, draft } = imported;
  const [error] = publish ? problems.filter(({ severity }) => severity === "error") : [];
  return [
    ...(error ? [`${flow.id} cannot be published: ${error.message}`] : []),
    ...(publish ? samples.failed.map((said) => `The sample of ${flow.id} fails. ${said}`) : []),
    ...(draft === "ahead" && !force ? [`The draft of ${flow.id} has changes here that were never published.`] : []),
    ...(force
      ? []
      : samples.ahead.map((name) => `Sample ${name} of ${flow.id} was changed here, and is in no version and no files pushed.`)),
  ];
}

const schemaNotices = ({ schemas }: OpenedBundle): string[] =>
  Object.entries(schemas).flatMap(([kind, schema]) => {
    const id = typeof schema === "object" && schema !== null && "$id" in schema ? String(schema.$id) : "";
    const version = id.split("/")[2] ?? "";
    const own = canonicalSchema(`canonical/${kind}/${version.split(".")[0]}`);
    if (own?.version !== version) return [`The schema ${kind} ${version} of the files is ${own?.version ?? "not known"} here.`];
    const isSame = changesBetween(schema, own.schema).length === 0;
    return isSame ? [] : [`The schema ${kind} ${version} of the files says something else here.`];
  });

function otherHash(flow: string, { version }: ImportedFlow, { versions }: Bundle): string[] {
  const said = Object.hasOwn(versions, flow) ? versions[flow] : undefined;
  if (said === undefined || version === null || said === version.hash) return [];
  return [
    `${flow} is another version here (${version.hash.slice(0, 8)}, not ${said.slice(0, 8)}): node types or schemas differ.`,
  ];
}
