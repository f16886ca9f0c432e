import { Type } from "typebox";
import { restoreVersion, setVersionState } from "#runtime/store/versions.ts";
import { VersionState, VersionSummary } from "#schemas/api.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { environmentsNamed } from "../caller.ts";
import { draftConflict } from "../draftConflict.ts";
import { ApiFailure } from "../errors.ts";

const tags = ["flows"];
const params = Type.Object({ flow: Type.String(), number: Type.Integer({ minimum: 1, maximum: 2_000_000_000 }) });
const Restored = Type.Object({ revision: Type.Integer({ description: "Of the draft, as it is now." }) });

/** The life of versions: what is to be used further, and the way back to an older one. */
export function versionRoutes(app: App, { engine }: ApiParts): void {
  const { db } = engine;

  app.put(
    "/flows/:flow/versions/:number/state",
    {
      schema: {
        tags,
        summary: "Set a version live, deprecated or retired",
        description:
          "A deprecated version goes on and can be deployed; a retired one cannot, and is refused while it runs anywhere, is to be promoted, or may be gone back to.",
        params,
        body: Type.Object({ state: VersionState }),
        response: { 200: VersionSummary },
      },
    },
    async (request) => {
      const { flow, number } = request.params;
      const set = await setVersionState(db, flow, number, request.body.state, actorOf(request));
      if (set.ok) return set.version;
      if (set.why === "missing") throw new ApiFailure("notFound", { what: `version ${number} of flow ${flow}` });
      const code = set.why === "deployed" ? "versionDeployed" : "versionPromised";
      throw new ApiFailure(code, { number, environments: environmentsNamed(request, set.environments) });
    },
  );

  app.post(
    "/flows/:flow/versions/:number/restore",
    {
      schema: {
        tags,
        summary: "Make the draft what a version is",
        description: "The version stays as it is; the draft takes its flow over the revision named.",
        params,
        body: Type.Object({ revision: Type.Integer({ minimum: 0, maximum: 2_000_000_000 }) }),
        response: { 200: Restored },
      },
    },
    async (request) => {
      const { flow, number } = request.params;
      const saved = await restoreVersion(db, flow, number, request.body.revision, actorOf(request));
      if (!saved) throw new ApiFailure("notFound", { what: `version ${number} of flow ${flow}` });
      if (!saved.ok) throw draftConflict(saved.current);
      return { revision: saved.revision };
    },
  );
}
