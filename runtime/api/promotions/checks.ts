import { compilePlan } from "#nodes/compilePlan.ts";
import type { DryRunParts } from "#nodes/dryRun/dryRun.ts";
import { checkExpression } from "#nodes/expression/expression.ts";
import type { Catalog } from "#nodes/lock.ts";
import { lockAge } from "#nodes/lockAge.ts";
import { simulatedBindings } from "#runtime/cli/simulated.ts";
import { type SampleResult, testSample } from "#runtime/cli/testFlows.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { LockedVersion } from "#runtime/engine/promotion/risks.ts";
import { canonicalSchema, canonicalSchemaNames } from "#schemas/canonical/registry.ts";
import { sha256Hex } from "#schemas/hash.ts";
import { parseJson } from "#schemas/json.ts";
import type { PromotionCheck } from "#schemas/promotion.ts";
import type { FlowSample } from "#schemas/sample.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { sampleTexts } from "../samples.ts";
import { schemasCompatible } from "./schemasCompatible.ts";

type Outcome = PromotionCheck["outcome"];

const check = (
  name: PromotionCheck["name"],
  outcome: Outcome,
  detail: string,
  subject: string | null = null,
): PromotionCheck => ({
  name,
  subject,
  outcome,
  detail,
});

type NumberedVersion = LockedVersion & { number: number; hash: string };

/** Whether a version could run anywhere: it is valid, its samples come out as they say, somebody answers for it. */
export async function versionChecks(
  engine: EngineParts,
  catalog: Catalog,
  version: NumberedVersion,
  remembered: SampleChecks,
): Promise<PromotionCheck[]> {
  const samples = await sampleCheck(engine, version, remembered);
  return [validCheck(version), ownerCheck(version), schemaCheck(version), lifecycleCheck(version, catalog), samples];
}

/** Old makings refuse nothing: a version that mends something else must not wait for them. */
export function lifecycleCheck({ lock }: LockedVersion, catalog: Catalog): PromotionCheck {
  const old = lockAge(lock, catalog, new Date());
  return old.length > 0
    ? check("lifecycle", "warned", old.map(({ message, hint }) => [message, hint].filter(Boolean).join(" ")).join(" "))
    : check("lifecycle", "passed", "Nothing that it was made with is deprecated.");
}

/** By what the version was made with: an installed connector that changed meanwhile is not its matter. */
function validCheck({ flow, lock }: LockedVersion): PromotionCheck {
  const { manifests, connectors } = lock;
  const problems = validateFlow(flow, { manifests, connectors, checkExpression, schemas: canonicalSchemaNames() });
  const errors = problems.filter(({ severity }) => severity === "error");
  const [first] = errors;
  return first
    ? check("valid", "failed", errors.length === 1 ? first.message : `${errors.length} errors, the first: ${first.message}`)
    : check("valid", "passed", "The flow has no errors.");
}

const ownerCheck = ({ flow: { owner } }: LockedVersion): PromotionCheck =>
  owner
    ? check("owner", "passed", `${owner} is asked when something is wrong.`)
    : check("owner", "failed", "The flow has no owner: set one in its settings, and publish.");

const schemaCheck = ({ lock }: LockedVersion): PromotionCheck => {
  const { outcome, detail } = schemasCompatible(lock.schemas, canonicalSchema);
  return check("schemas", outcome, detail);
};

/** What became of the samples of versions, by hash of both. */
export type SampleChecks = (key: string, make: () => Promise<PromotionCheck>) => Promise<PromotionCheck>;

async function sampleCheck(engine: EngineParts, version: NumberedVersion, remembered: SampleChecks): Promise<PromotionCheck> {
  const texts = await sampleTexts(engine.db, version.flow.id, version.number);
  return remembered(sha256Hex(JSON.stringify([version.hash, texts])), () => trySamples(engine, version, Object.values(texts)));
}

async function trySamples(engine: EngineParts, { flow, lock }: LockedVersion, texts: readonly string[]): Promise<PromotionCheck> {
  const samples = texts
    .map((text) => parseJson(text) as FlowSample)
    .filter(({ source }) => flow.nodes.some(({ id }) => id === source));
  if (samples.length === 0) return check("samples", "skipped", "The flow has no samples.");
  const results = await runSamples(engine, { flow, lock }, samples);
  const failed = results.filter(({ ok }) => !ok);
  const [first] = failed;
  return first
    ? check("samples", "failed", `${failed.length} of ${results.length} failed. ${first.sample}: ${first.differences.join(" ")}`)
    : check("samples", "passed", `${results.length} passed.`);
}

/** Runs samples on simulated systems, evaluated where no expression can harm the server. */
export function runSamples(
  { evaluators }: EngineParts,
  { flow, lock }: LockedVersion,
  samples: readonly FlowSample[],
): Promise<SampleResult[]> {
  const plan = compilePlan({ environment: "samples", flow, lock, bindings: simulatedBindings(flow, lock.connectors) });
  const parts: Pick<DryRunParts, "evaluate" | "read"> = {
    evaluate: async (planned, job) => (await evaluators.segment(planned, job)).result,
    read: (planned, job) => evaluators.answer(planned, job),
  };
  return Promise.all(
    // Sub-flows answer as the sample says; where it says nothing the item waits.
    samples.map((sample) => testSample({ plan, others: async () => undefined }, sample, parts)),
  );
}
