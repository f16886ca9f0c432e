import { type LockedSchema, schemaVersion } from "#nodes/lockedSchema.ts";
import { narrowerPlaces } from "#schemas/canonical/narrower.ts";
import type { CanonicalSchema } from "#schemas/canonical/registry.ts";
import { changesBetween } from "#schemas/diff.ts";
import type { PromotionCheck } from "#schemas/promotion.ts";
import { compareVersions } from "#schemas/semver.ts";

type Finding = Pick<PromotionCheck, "outcome" | "detail">;

/** Places named of a schema that is narrower: enough to see what is meant. */
const MOST_PLACES = 3;

/**
 * Whether the canonical schemas that a version was made with, and checks documents by, get along with those that are installed where it is to
 * run: what it lets through must be good here too. One that is older or narrower here fails; a newer one is said.
 */
export function schemasCompatible(
  made: Readonly<Record<string, LockedSchema>>,
  installed: (name: string) => CanonicalSchema | undefined,
): Finding {
  const found = Object.entries(made).map(([name, kept]) => compared(name, kept, installed(name)));
  if (found.length === 0) return { outcome: "skipped", detail: "The flow names no canonical schema." };
  const outcome = (["failed", "warned"] as const).find((each) => found.some((one) => one.outcome === each)) ?? "passed";
  const told = found.filter((one) => one.outcome === outcome).map(({ detail }) => detail);
  return { outcome, detail: outcome === "passed" ? told.join(", ") : told.join(" ") };
}

function compared(name: string, kept: LockedSchema, here: CanonicalSchema | undefined): Finding {
  const version = schemaVersion(kept) ?? "";
  if (!here) return { outcome: "failed", detail: `There is no schema ${name} here.` };
  const order = compareVersions(here.version, version);
  const made = `The version was made with ${name} ${version}`;
  if (order < 0)
    return {
      outcome: "failed",
      detail: `${made}; here is ${here.version}, which is older. Install the release it was made with.`,
    };
  const places = typeof kept === "string" ? [] : narrowerPlaces(kept.schema, here.schema);
  if (places.length > 0) {
    const some = `${places.slice(0, MOST_PLACES).join(", ")}${places.length > MOST_PLACES ? ` and ${places.length - MOST_PLACES} more` : ""}`;
    const detail = `${made}; ${here.version} here may refuse what it lets through, at ${some}. Publish the draft again to be made with that.`;
    return { outcome: "failed", detail };
  }
  if (order > 0) {
    const by = typeof kept === "string" ? "by which it checks documents too" : "and goes on with its own";
    return {
      outcome: "warned",
      detail: `${made}; here is ${here.version}, ${by}. Publish the draft again to be made with that.`,
    };
  }
  const isSame = typeof kept === "string" || changesBetween(kept.schema, here.schema).length === 0;
  if (!isSame)
    return { outcome: "warned", detail: `${made}, which lets more through here. Publish the draft again to be made with that.` };
  return { outcome: "passed", detail: `${name} is ${version}` };
}
