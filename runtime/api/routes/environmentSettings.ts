import { Type } from "typebox";
import { readEntry } from "#runtime/reach/entry.ts";
import { isOwn } from "#runtime/reach/reach.ts";
import { changeEnvironment, makeEnvironment, removeEnvironment } from "#runtime/store/environments.ts";
import { loosens } from "#schemas/approval.ts";
import { Environment, EnvironmentChange, NewEnvironment, takenNames } from "#schemas/environment.ts";
import { permits } from "#schemas/people.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { refusal } from "../authorize.ts";
import { callerOf } from "../caller.ts";
import { ApiFailure } from "../errors.ts";

const tags = ["environments"];
const params = Type.Object({ environment: Type.String() });

/** An entry that means nothing would look like one that allows something. */
function requireReadable({ reach = [] }: Pick<EnvironmentChange, "reach">): void {
  const wrong = reach.find((entry) => readEntry(entry) === undefined);
  if (wrong !== undefined) throw new ApiFailure("reachUnreadable", { entry: wrong });
  const barred = reach.find((entry) => isOwn(readEntry(entry)));
  if (barred !== undefined) throw new ApiFailure("reachOwn", { entry: barred });
}

/** Which environments there are, and how well each is guarded. */
export function environmentSettingRoutes(app: App, { engine }: ApiParts): void {
  const { db } = engine;

  app.post(
    "/environments",
    { schema: { tags, summary: "Make an environment", body: NewEnvironment, response: { 201: Environment } } },
    async (request, reply) => {
      const { id } = request.body;
      requireReadable(request.body);
      const made = takenNames.includes(id) ? undefined : await makeEnvironment(db, request.body, actorOf(request));
      if (!made) throw new ApiFailure("environmentExists", { environment: id });
      return reply.code(201).send(made);
    },
  );

  app.put(
    "/environments/:environment",
    {
      schema: {
        tags,
        summary: "Change what an environment is called, its rank, how versions come into it, what it may reach, and its limits",
        description:
          "That versions come in less guarded needs the role admin everywhere: else who runs an environment could take the guard away, act alone and set it again.",
        params,
        body: EnvironmentChange,
        response: { 200: Environment },
      },
    },
    async (request) => {
      const { environment } = request.params;
      requireReadable(request.body);
      const { grants, actor } = callerOf(request);
      const allowed = (now: Environment): EnvironmentChange => {
        const { protection = now.protection } = request.body;
        if (loosens(now.protection, protection) && !permits(grants, "administer", null))
          throw refusal({ permission: "administer", in: "everywhere" }, null);
        return request.body;
      };
      const changed = await changeEnvironment(db, environment, allowed, actor);
      engine.deployments.forget();
      if (!changed) throw new ApiFailure("notFound", { what: `environment ${environment}` });
      return changed;
    },
  );

  app.delete(
    "/environments/:environment",
    {
      schema: {
        tags,
        summary: "Remove an environment in which nothing is and nothing ran",
        params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { environment } = request.params;
      const removed = await removeEnvironment(db, environment, actorOf(request));
      if (removed === "missing") throw new ApiFailure("notFound", { what: `environment ${environment}` });
      if (removed !== "removed")
        throw new ApiFailure(removed === "last" ? "environmentLast" : "environmentUsed", { environment });
      return reply.code(204).send(null);
    },
  );
}
