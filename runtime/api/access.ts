import { timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Settings } from "#runtime/settings.ts";
import { tokenOwner } from "#runtime/store/apiTokens.ts";
import type { Db } from "#runtime/store/database.ts";
import { sha256 } from "#runtime/store/ids.ts";
import { isSetUp } from "#runtime/store/people.ts";
import { sessionOwner } from "#runtime/store/sessions.ts";
import { automation, type Caller, callerOf, localPerson } from "./caller.ts";
import { ApiFailure } from "./errors.ts";
import { isForeignPage } from "./foreignPage.ts";
import { isLoopback } from "./loopback.ts";
import { sessionIdOf } from "./sessionCookie.ts";
import { sourceAt } from "./validation.ts";

/** Every token that is made here begins so; what begins otherwise is not looked up. */
export const TOKEN_PREFIX = "olt_";

/** Who may come in, and whether anybody has to sign in. */
export interface Access {
  /** Runs before anything else looks at a request. */
  guard(request: FastifyRequest): Promise<void>;
  /** Whether the first admin was made; until then a server on loopback is open to whoever is at this machine. */
  signIn(): Promise<boolean>;
  /** Whether a request may set sign-in up, and with what. */
  setUpBy: "open" | "token";
}

/**
 * Without sign-in the server stands on loopback only, and takes only requests that name it by a loopback address, so that
 * no foreign page can reach it through the browser by a name of its own. From the first admin on everybody says who they
 * are: by a session, or by a token.
 */
export function access(db: Db, settings: Settings): Access {
  const local = isLoopback(settings.host);
  let setUp = false;
  // Once there is a person there always will be one.
  const signIn = async (): Promise<boolean> => {
    setUp ||= await isSetUp(db);
    return setUp;
  };

  /** Who asks; null for nobody that is known. */
  const identify = async (request: FastifyRequest): Promise<Caller | null> => {
    const bearer = bearerOf(request);
    if (bearer !== undefined) {
      if (settings.adminToken && sameText(bearer, settings.adminToken)) return automation;
      const owner = bearer.startsWith(TOKEN_PREFIX) ? await tokenOwner(db, bearer) : undefined;
      if (owner) return { actor: `token:${owner.name}`, grants: owner.grants, personId: null };
    }
    if (local && !(await signIn())) return localPerson;
    if (bearer !== undefined) return null;
    const id = sessionIdOf(request);
    const owner = id === undefined ? undefined : await sessionOwner(db, id);
    return owner ? { actor: owner.name, grants: owner.grants, personId: owner.personId } : null;
  };

  const guard = async (request: FastifyRequest): Promise<void> => {
    request.caller = null;
    // Who comes in at a source proves who it is to the source.
    if (sourceAt(request)) return;
    const { rule } = request.routeOptions.config;
    const isApi = rule !== undefined || request.url.startsWith("/api/v1/");
    // Where nobody signs in, a name of its own would let a foreign page in; elsewhere it is how people reach us.
    if (local && !isLoopback(request.headers.host ?? "") && !isAdminToken(request, settings) && !(await signIn()))
      throw new ApiFailure("foreignHost");
    if (!isApi) return;
    if (bearerOf(request) === undefined && isForeignPage(request, settings.publicUrl)) throw new ApiFailure("foreignPage");
    request.caller = await identify(request);
    if (request.caller === null && rule !== "open") throw new ApiFailure((await signIn()) ? "signInNeeded" : "unauthorized");
  };
  return { guard, signIn, setUpBy: local ? "open" : "token" };
}

const bearerOf = ({ headers }: FastifyRequest): string | undefined => /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];

function isAdminToken(request: FastifyRequest, { adminToken }: Settings): boolean {
  const bearer = bearerOf(request);
  return bearer !== undefined && adminToken !== undefined && sameText(bearer, adminToken);
}

const sameText = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));

/** Who is named as the author of a change. */
export const actorOf = (request: FastifyRequest): string => callerOf(request).actor;
