import { type DeployedFlow, type DeployedVersion, pickVersion } from "#runtime/engine/deployments.ts";
import type { Acceptable } from "#runtime/store/accept.ts";
import { sha256 } from "#runtime/store/ids.ts";
import { storable } from "#runtime/store/recordset.ts";
import type { Flow } from "#schemas/flow.ts";

/** Longer keys are kept as their hash: an index entry must fit. */
const MAX_KEY = 512;

/** A key that the database can hold and index; what cannot stand itself is kept as its hash, not refused for ever. */
function bounded(key: string): string {
  if (storable(key) !== key) return `sha256 ${sha256(JSON.stringify(key))}`;
  return key.length <= MAX_KEY ? key : `sha256 ${sha256(key)}`;
}

/** A document that came in at a source, and by what it is known. */
export interface Incoming {
  body: unknown;
  /** SHA-256 of the document as it came. */
  contentHash: string;
  dedupeKey: string;
  documentKey: string | null;
  documentVersion: string | null;
  /** Those worth keeping: what tells where it came from, never cookies or authorization. */
  headers: Record<string, string>;
  milestone?: string | undefined;
  /** Where its run begins at the source; `out` when absent. */
  port?: string;
  /** True when somebody waits for what the flow responds. */
  called?: boolean;
}

/** The deployed versions that have the node as a source of the same connection. */
export const versionsWith = (deployed: DeployedFlow, node: string): DeployedVersion[] =>
  deployed.versions.filter(({ flow }) => flow.nodes.some(({ id, disabled }) => id === node && !disabled));

/** The connector a source belongs to, by its node's type: what shares fairly is a source's connector and a flow. */
export const sourceOf = (flow: Flow, node: string): string => flow.nodes.find(({ id }) => id === node)?.type.split(".")[0] ?? "";

/** What is committed of a document; undefined when no deployed version has its source any more. */
export function acceptableOf(
  deployed: DeployedFlow,
  source: { bindingId: string; node: string },
  incoming: Incoming,
): Acceptable | undefined {
  const { contentHash, dedupeKey, documentKey, documentVersion, headers, milestone, port, called = false, body } = incoming;
  const version = pickVersion(versionsWith(deployed, source.node), documentKey ?? contentHash);
  if (!version) return undefined;
  return {
    environment: deployed.environment,
    flow: deployed.flow,
    bindingId: source.bindingId,
    sourceNode: source.node,
    ...(port === undefined ? {} : { port }),
    dedupeKey: bounded(dedupeKey),
    contentHash,
    documentKey: documentKey === null ? null : bounded(documentKey),
    documentVersion: documentVersion === null ? null : bounded(documentVersion),
    ordered: version.flow.ordering !== "none",
    headers,
    body: JSON.stringify(body ?? null),
    versionId: version.id,
    versionNumber: version.number,
    deploymentId: deployed.deploymentId,
    held: deployed.state === "paused",
    workerGroup: "default",
    source: sourceOf(version.flow, source.node),
    hinted: false,
    milestone: milestone ?? null,
    called,
  };
}
