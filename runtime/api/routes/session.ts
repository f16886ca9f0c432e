import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { changePerson, credentialsOf, makeFirstAdmin } from "#runtime/store/people.ts";
import { beginSession, endSession, sessionOwner } from "#runtime/store/sessions.ts";
import { countTry, forgetTries } from "#runtime/store/signInTries.ts";
import { FirstAdmin, PASSWORD_MOST, Password, Session } from "#schemas/people.ts";
import type { Access } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { automation } from "../caller.ts";
import { ApiFailure } from "../errors.ts";
import { newPassword } from "../newPassword.ts";
import { originOf } from "../origins.ts";
import { passwordsAt } from "../passwords.ts";
import { giveSession, newSessionId, sessionIdOf, takeSession } from "../sessionCookie.ts";

const tags = ["sign-in"];
/** As it was typed: what is too short for a new password is wrong here, and no other error. */
const typed = Type.String({ maxLength: PASSWORD_MOST });
const Credentials = Type.Object({ name: Type.String({ maxLength: 120 }), password: typed });

/** Signing in and out, and the first admin, who turns sign-in on. */
export function sessionRoutes(app: App, { engine }: ApiParts, access: Access): void {
  const { db, settings } = engine;
  const passwords = passwordsAt(settings.scryptN);

  const answer = async (id: string | undefined): Promise<Session> => {
    const owner = id === undefined ? undefined : await sessionOwner(db, id);
    const signIn = await access.signIn();
    return {
      signIn,
      setUp: signIn ? "done" : access.setUpBy,
      provider: signIn ? (settings.oidc?.title ?? null) : null,
      person: owner ? { name: owner.name, title: owner.title, hasPassword: owner.hasPassword } : null,
      grants: owner?.grants ?? [],
    };
  };

  /** Under an id of its own: one that was there before, whoever brought it, is worth nothing from now on. */
  const begin = async (request: FastifyRequest, reply: FastifyReply, person: string, how: string): Promise<Session> => {
    const id = newSessionId();
    await beginSession(db, { id, person, from: originOf(request), instead: sessionIdOf(request), how });
    giveSession(request, reply, id);
    return answer(id);
  };

  app.get(
    "/session",
    { schema: { tags, summary: "Who asks, and whether one has to sign in", response: { 200: Session } } },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      const found = await answer(sessionIdOf(request));
      // Before there is a sign-in, everything is open here; a token has no session, but it has grants.
      return found.person ? found : { ...found, grants: [...(request.caller?.grants ?? [])] };
    },
  );

  app.post(
    "/session",
    {
      schema: { tags, summary: "Sign in with name and password", body: Credentials, response: { 200: Session } },
    },
    async (request, reply) => {
      const { password } = request.body;
      const name = request.body.name.trim().toLowerCase();
      const seconds = await countTry(db, name, request.ip);
      if (seconds > 0) throw new ApiFailure("signInTooOften", { seconds }, { retryAfterSeconds: seconds });
      const person = await credentialsOf(db, name);
      const right = await passwords.check(password, person?.password ?? null);
      if (!right || person?.state !== "active") throw new ApiFailure("signInWrong");
      await forgetTries(db, name, request.ip);
      return begin(request, reply, person.id, "password");
    },
  );

  app.delete("/session", { schema: { tags, summary: "Sign out", response: { 200: Session } } }, async (request, reply) => {
    const id = sessionIdOf(request);
    if (id !== undefined && request.caller) await endSession(db, id, request.caller.actor);
    takeSession(request, reply);
    return answer(undefined);
  });

  app.post(
    "/set-up",
    {
      schema: {
        tags,
        summary: "Make the first admin; from then on everybody signs in",
        description: "From this machine alone, or with ORDERLOOM_ADMIN_TOKEN where the server can be reached from others.",
        body: FirstAdmin,
        response: { 201: Session },
      },
    },
    async (request, reply) => {
      if (await access.signIn()) throw new ApiFailure("setUpDone");
      if (access.setUpBy === "token" && request.caller !== automation) throw new ApiFailure("unauthorized");
      const { name, title } = request.body;
      const password = await newPassword(passwords, request.body.password, name);
      const made = await makeFirstAdmin(db, { name, title, password }, request.caller?.actor ?? "local");
      if (!made.ok) throw new ApiFailure("setUpDone");
      reply.code(201);
      return begin(request, reply, made.person.id, "setUp");
    },
  );

  app.put(
    "/session/password",
    {
      schema: {
        tags,
        summary: "Change the own password; every other session of the person ends",
        body: Type.Object({ current: typed, password: Password }),
        response: { 200: Session },
      },
    },
    async (request, reply) => {
      const { actor, personId } = request.caller ?? {};
      if (!actor || !personId) throw new ApiFailure("noPerson");
      const seconds = await countTry(db, actor, request.ip);
      if (seconds > 0) throw new ApiFailure("signInTooOften", { seconds }, { retryAfterSeconds: seconds });
      const own = await credentialsOf(db, actor);
      if (!(await passwords.check(request.body.current, own?.password ?? null))) throw new ApiFailure("signInWrong");
      const password = await newPassword(passwords, request.body.password, actor);
      await changePerson(db, personId, { password }, actor);
      await forgetTries(db, actor, request.ip);
      return begin(request, reply, personId, "password");
    },
  );
}
