import type { FastifyRequest } from "fastify";
import type { NamedEnvironment } from "#runtime/store/environments.ts";
import { type Grant, permits } from "#schemas/people.ts";
import { ApiFailure } from "./errors.ts";
import type { Rule } from "./permissions.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null where nobody has to say, or nobody did. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Who may call the route; absent outside the management API. */
    rule?: Rule;
  }
}

/** Who asks, and what that one may do. */
export interface Caller {
  /** The name that changes are recorded under. */
  actor: string;
  grants: readonly Grant[];
  /** Null for tokens, and for the person at this machine while sign-in is not set up. */
  personId: string | null;
}

/** Whoever is at this machine, before sign-in is set up; the engine and the sandbox have names of their own. */
export const localPerson: Caller = { actor: "local", grants: [{ environment: null, role: "admin" }], personId: null };

/** ORDERLOOM_ADMIN_TOKEN. */
export const automation: Caller = { actor: "token", grants: [{ environment: null, role: "admin" }], personId: null };

/** Names of actors that no person may have. */
export const reservedNames: readonly string[] = ["local", "token", "unknown", "sandbox", "engine", "system", "orderloom", "oidc"];

export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new ApiFailure("signInNeeded");
  return request.caller;
}

/** Whether the caller may know what an environment holds. */
export const sees = (request: FastifyRequest, environment: string): boolean =>
  permits(callerOf(request).grants, "see", environment);

/** By their titles in a sentence; those that the caller does not see are not told apart. */
export function environmentsNamed(request: FastifyRequest, environments: readonly NamedEnvironment[]): string {
  const named = environments.filter(({ id }) => sees(request, id)).map(({ title }) => title);
  return [...named, ...(named.length < environments.length ? ["another environment"] : [])].join(", ");
}
