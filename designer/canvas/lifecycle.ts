import type { ConnectorSummary } from "#schemas/api.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { endOf } from "#schemas/validate/lifecycle.ts";

/** One word for a node type that should not be used any more, or whose system ends an API; undefined for all others. */
export function ageOf(
  { lifecycle }: NodeManifest,
  connector: ConnectorSummary | undefined,
  now = new Date(),
): "deprecated" | "ended" | "ends" | undefined {
  const end = endOf(lifecycle ?? {}, now) ?? endOf(connector?.lifecycle ?? {}, now);
  if (end) return end.ended ? "ended" : "ends";
  return lifecycle?.replacedBy !== undefined || connector?.lifecycle.state === "deprecated" ? "deprecated" : undefined;
}
