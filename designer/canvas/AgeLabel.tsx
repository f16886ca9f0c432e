import type { ConnectorSummary } from "#schemas/api.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { Label } from "../elements/Label.tsx";
import { say } from "../inspector/say.ts";
import { ageOf } from "./lifecycle.ts";

/** Beside the title of a node type that should not be used any more; nothing beside all others. */
export function AgeLabel({ manifest, connector }: { manifest: NodeManifest; connector: ConnectorSummary | undefined }) {
  const age = ageOf(manifest, connector);
  return age && <Label tone={age === "ended" ? "failed" : "waiting"}>{say(`age.${age}`)}</Label>;
}
