import { isLoopback } from "#runtime/api/loopback.ts";
import { type RoleRule, readRoleRules } from "./roles.ts";

/** The OpenID provider at which people may sign in. */
export interface OidcSettings {
  issuer: URL;
  clientId: string;
  /** Absent for a client that has none; then the proof key alone protects the code. */
  clientSecret: string | undefined;
  /** How people know it: on the button that leads there. */
  title: string;
  scope: string;
  /** The claim that lists groups. */
  groupsClaim: string;
  /** What groups allow, put in force at each sign-in; absent where admins grant roles here. */
  roles: RoleRule[] | undefined;
}

/** Reads the provider from environment variables; undefined where none is named. Throws a sentence for half of one. */
export function readOidc(env: Record<string, string | undefined>): OidcSettings | undefined {
  const { ORDERLOOM_OIDC_ISSUER: text, ORDERLOOM_OIDC_CLIENT_ID: clientId, ORDERLOOM_OIDC_ROLES: roles } = env;
  if (!text) return undefined;
  if (!clientId) throw new Error("ORDERLOOM_OIDC_ISSUER is set, so ORDERLOOM_OIDC_CLIENT_ID is needed too.");
  const issuer = URL.canParse(text) ? new URL(text) : undefined;
  // What goes over the wire in the clear could be anybody's word.
  if (!issuer || !(issuer.protocol === "https:" || (issuer.protocol === "http:" && isLoopback(issuer.host))))
    throw new Error("ORDERLOOM_OIDC_ISSUER is no address that can be trusted; give one such as https://login.example.com.");
  return {
    issuer,
    clientId,
    clientSecret: env.ORDERLOOM_OIDC_CLIENT_SECRET || undefined,
    title: env.ORDERLOOM_OIDC_TITLE || issuer.hostname,
    scope: env.ORDERLOOM_OIDC_SCOPE || "openid profile email",
    groupsClaim: env.ORDERLOOM_OIDC_GROUPS_CLAIM || "groups",
    roles: roles ? readRoleRules(roles) : undefined,
  };
}
