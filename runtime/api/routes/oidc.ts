import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { groupsFrom, nameFrom, namesFrom, titleFrom } from "#runtime/oidc/claims.ts";
import { openProvider, ProviderAway } from "#runtime/oidc/provider.ts";
import { grantsOf } from "#runtime/oidc/roles.ts";
import type { OidcSettings } from "#runtime/oidc/settings.ts";
import { personVouchedFor, type Vouched } from "#runtime/store/identities.ts";
import { comingFrom } from "#runtime/store/origin.ts";
import { beginSession } from "#runtime/store/sessions.ts";
import { ownAddress } from "#schemas/ownAddress.ts";
import type { OidcProblem } from "#schemas/people.ts";
import type { ApiParts, App } from "../app.ts";
import { reservedNames } from "../caller.ts";
import { giveErrand, takeErrand } from "../errandCookie.ts";
import { ApiFailure } from "../errors.ts";
import { originOf } from "../origins.ts";
import { giveSession, newSessionId, sessionIdOf } from "../sessionCookie.ts";

const CALLBACK = "/api/v1/session/oidc/callback";

/** Whoever follows these is a browser: what goes wrong is said on the page where one signs in. */
const doorWith = (problem: OidcProblem): string => `/sign-in?problem=${problem}`;

/** Signing in at the OpenID provider: the way there, and the way back. */
export function oidcRoutes(app: App, { engine }: ApiParts): void {
  const { db, log, settings } = engine;
  const { oidc } = settings;
  const provider = oidc && openProvider(oidc, settings.reach);
  if (provider) app.addHook("onClose", () => provider.close());
  /** Known to the provider before; where a proxy stands in between only the setting knows it. */
  const callbackOf = ({ protocol, host }: FastifyRequest): string =>
    new URL(CALLBACK, settings.publicUrl ?? `${protocol}://${host}`).href;
  const problemOf = (error: unknown): OidcProblem => {
    const { name, code, message } = error as Error & { code?: unknown };
    log.warn({ name, code, message }, "A sign-in at the OpenID provider failed.");
    return isAway(error) ? "unreachable" : "refused";
  };
  const tags = ["sign-in"];
  const response = { 302: Type.Null({ description: "To the provider, to the designer, or to where one signs in." }) };

  app.get(
    "/session/oidc",
    {
      schema: {
        tags,
        summary: "Sign in at the OpenID provider",
        querystring: Type.Object({ to: Type.Optional(Type.String({ maxLength: 2000, description: "Where to go then." })) }),
        response,
      },
    },
    async (request, reply) => {
      if (!provider) throw new ApiFailure("notFound", { what: "OpenID provider" });
      try {
        const { address, errand } = await provider.begin(callbackOf(request));
        giveErrand(request, reply, { ...errand, to: ownAddress(request.query.to) });
        return reply.redirect(address);
      } catch (error) {
        return reply.redirect(doorWith(problemOf(error)));
      }
    },
  );

  app.get(
    "/session/oidc/callback",
    {
      schema: {
        tags,
        summary: "Where the OpenID provider leads the browser back to",
        // Providers add what they like.
        querystring: Type.Object({}, { additionalProperties: true }),
        response,
      },
    },
    async (request, reply) => {
      if (!oidc || !provider) throw new ApiFailure("notFound", { what: "OpenID provider" });
      const errand = takeErrand(request, reply);
      if (!errand) return reply.redirect(doorWith("expired"));
      const address = new URL(callbackOf(request));
      address.search = new URL(request.url, address).search;
      const found = await provider.finish(address, errand).catch(problemOf);
      if (typeof found === "string") return reply.redirect(doorWith(found));
      const { issuer, subject, claims } = found;
      const names = { name: nameFrom(claims), title: titleFrom(claims), called: namesFrom(claims) };
      const who = { issuer, subject, ...names, grants: grantsFor(oidc, claims) };
      const problem = await comingFrom(originOf(request), () => enter(request, reply, who));
      return reply.redirect(problem ? doorWith(problem) : ownAddress(errand.to));
    },
  );

  /** Begins the session of a person whom the provider vouches for; answers what is in the way of it. */
  async function enter(request: FastifyRequest, reply: FastifyReply, who: Vouched): Promise<OidcProblem | undefined> {
    const person = await personVouchedFor(db, who, reservedNames);
    if (!person) return "notSetUp";
    if (person.state !== "active") return "disabled";
    const id = newSessionId();
    const from = originOf(request);
    await beginSession(db, { id, person: person.id, from, instead: sessionIdOf(request), how: "oidc" });
    giveSession(request, reply, id);
    return undefined;
  }
}

const grantsFor = ({ roles, groupsClaim }: OidcSettings, claims: Parameters<typeof groupsFrom>[0]) =>
  roles ? grantsOf(roles, groupsFrom(claims, groupsClaim)) : null;

/** No answer, or one that came too late; anything else was said by the provider, or found wrong in what it said. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof ProviderAway || isAway(error.cause);
}
