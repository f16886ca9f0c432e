import type { Grant, Role } from "#schemas/people.ts";
import { roles } from "#schemas/people.ts";

/** A group of the OpenID provider and what its members may do; the group `*` is everybody. */
export interface RoleRule {
  group: string;
  grant: Grant;
}

/** Everybody who can sign in at the provider. */
const EVERYBODY = "*";

/**
 * Reads `loom-admins=admin, shop=analyst@dev, *=viewer`: group, role, and the environment after an `@`, absent for
 * everywhere; or a JSON list of such rules, for groups with commas in their names. Throws a sentence when a part of it says
 * something else.
 */
export function readRoleRules(text: string): RoleRule[] {
  return partsOf(text).flatMap((part) => {
    const rule = part.trim();
    if (rule === "") return [];
    // Of groups only the last `=` and the `@` behind it are ours: they may be addresses and distinguished names.
    const at = rule.lastIndexOf("=");
    const group = rule.slice(0, Math.max(0, at)).trim();
    const [role = "", environment] = rule
      .slice(at + 1)
      .split("@", 2)
      .map((word) => word.trim());
    if (group === "" || !isRole(role) || environment === "")
      throw new Error(
        `ORDERLOOM_OIDC_ROLES has "${rule}"; give GROUP=ROLE or GROUP=ROLE@ENVIRONMENT with one of ${roles.join(", ")}.`,
      );
    return [{ group, grant: { environment: environment ?? null, role } }];
  });
}

function partsOf(text: string): string[] {
  if (!text.trimStart().startsWith("[")) return text.split(",");
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((each) => typeof each === "string")) return list;
  } catch {
    // Said below, with what is wanted.
  }
  throw new Error(
    'ORDERLOOM_OIDC_ROLES begins with [ and is no JSON list of rules; give one such as ["CN=loom,OU=it=admin", "*=viewer"].',
  );
}

const isRole = (word: string): word is Role => roles.some((role) => role === word);

/** What the groups that a provider names allow; each grant once, in the order of the rules. */
export function grantsOf(rules: readonly RoleRule[], groups: readonly string[]): Grant[] {
  const held = rules.filter(({ group }) => group === EVERYBODY || groups.includes(group)).map(({ grant }) => grant);
  const key = ({ environment, role }: Grant) => `${role}@${environment ?? ""}`;
  return [...new Map(held.map((grant) => [key(grant), grant])).values()];
}
