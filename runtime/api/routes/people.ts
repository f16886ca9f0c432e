import { randomBytes } from "node:crypto";
import { Type } from "typebox";
import { keepToken, listTokens, revokeToken } from "#runtime/store/apiTokens.ts";
import { changePerson, listPeople, makePerson } from "#runtime/store/people.ts";
import { ApiToken, ApiTokenMade, ApiTokens, NewApiToken, NewPerson, People, Person, PersonChange } from "#schemas/people.ts";
import { actorOf, TOKEN_PREFIX } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { reservedNames } from "../caller.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";
import { newPassword } from "../newPassword.ts";
import { passwordsAt } from "../passwords.ts";

const params = Type.Object({ id: Type.String() });

/** 256 bits: nobody guesses it, so its hash needs no salt. */
const TOKEN_BYTES = 32;

/** People and tokens of machines, for admins of the whole installation. */
export function peopleRoutes(app: App, { engine }: ApiParts): void {
  const { db, settings } = engine;
  const passwords = passwordsAt(settings.scryptN);

  const requireEnvironments = async (named: readonly (string | null)[]): Promise<void> => {
    for (const environment of new Set(named)) if (environment !== null) await requireEnvironment(db, environment);
  };

  app.get(
    "/people",
    { schema: { tags: ["people"], summary: "Everybody who can sign in, and what each may do", response: { 200: People } } },
    async () => ({ items: await listPeople(db) }),
  );

  app.post(
    "/people",
    {
      schema: { tags: ["people"], summary: "Make a person who can sign in", body: NewPerson, response: { 201: Person } },
    },
    async (request, reply) => {
      const { name, title, grants, password } = request.body;
      if (reservedNames.includes(name)) throw new ApiFailure("nameTaken", { name });
      await requireEnvironments(grants.map(({ environment }) => environment));
      const hash = password === undefined ? null : await newPassword(passwords, password, name);
      const made = await makePerson(db, { name, title, grants, password: hash }, actorOf(request));
      if (!made.ok) throw new ApiFailure(made.why, { name });
      return reply.code(201).send(made.person);
    },
  );

  app.put(
    "/people/:id",
    {
      schema: {
        tags: ["people"],
        summary: "Change what a person may do, disable the account, or give another password; both end the person's sessions",
        params,
        body: PersonChange,
        response: { 200: Person },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { password, ...change } = request.body;
      await requireEnvironments((change.grants ?? []).map(({ environment }) => environment));
      const known = (await listPeople(db)).find((each) => each.id === id);
      if (!known) throw new ApiFailure("notFound", { what: `person ${id}` });
      const hash = password === undefined ? {} : { password: await newPassword(passwords, password, known.name) };
      const changed = await changePerson(db, id, { ...change, ...hash }, actorOf(request));
      if (changed.ok) return changed.person;
      if (changed.why === "missing") throw new ApiFailure("notFound", { what: `person ${id}` });
      throw new ApiFailure(changed.why, { name: change.sameAs ?? "" });
    },
  );

  app.get(
    "/tokens",
    { schema: { tags: ["people"], summary: "Every token, those that ended too", response: { 200: ApiTokens } } },
    async () => ({ items: await listTokens(db) }),
  );

  app.post(
    "/tokens",
    {
      schema: {
        tags: ["people"],
        summary: "Make a token for a machine; it is shown this once",
        body: NewApiToken,
        response: { 201: ApiTokenMade },
      },
    },
    async (request, reply) => {
      await requireEnvironments(request.body.environments ?? []);
      const token = TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString("base64url");
      const made = await keepToken(db, token, request.body, actorOf(request));
      if (made.ok) return reply.code(201).header("cache-control", "no-store").send({ token, made: made.token });
      if (made.why === "outlives") throw new ApiFailure("tokenOutlives", { until: made.until });
      throw new ApiFailure("nameTaken", { name: request.body.name });
    },
  );

  app.delete(
    "/tokens/:id",
    { schema: { tags: ["people"], summary: "Revoke a token; it is refused from now on", params, response: { 200: ApiToken } } },
    async (request) => {
      const revoked = await revokeToken(db, request.params.id, actorOf(request));
      if (!revoked) throw new ApiFailure("notFound", { what: `token ${request.params.id}` });
      return revoked;
    },
  );
}
