/** Which role allows what: apart from the forms of people, so that a page that asks it loads nothing else. */

export const roles = ["viewer", "analyst", "operator", "admin"] as const;
export type Role = (typeof roles)[number];

export interface Granted {
  environment: string | null;
  role: Role;
}

/**
 * `see`: read. `design`: change drafts, publish versions, send samples. `request`: review a promotion and ask for it.
 * `operate`: deploy, approve, pause, retry, replay, cancel. `administer`: settings of an environment and, held everywhere, people, tokens and the whole audit.
 */
export type Permission = "see" | "design" | "request" | "operate" | "administer";

/** Analysts do not run what they drew, and operators do not draw what they run, unless somebody holds both roles. */
export const permissionsOf: Record<Role, readonly Permission[]> = {
  viewer: ["see"],
  analyst: ["see", "design", "request"],
  operator: ["see", "request", "operate"],
  admin: ["see", "design", "request", "operate", "administer"],
};

const allows = ({ role }: Granted, permission: Permission): boolean => permissionsOf[role].includes(permission);

/** Whether grants allow something in an environment; null asks for everywhere. */
export const permits = (grants: readonly Granted[], permission: Permission, environment: string | null): boolean =>
  grants.some((grant) => allows(grant, permission) && (grant.environment === null || grant.environment === environment));

/** Whether grants allow all that others do, wherever those do. */
export const covers = (grants: readonly Granted[], others: readonly Granted[]): boolean =>
  others.every(({ role, environment }) => permissionsOf[role].every((permission) => permits(grants, permission, environment)));

/** Whether grants allow something in at least one environment. */
export const permitsSomewhere = (grants: readonly Granted[], permission: Permission): boolean =>
  grants.some((grant) => allows(grant, permission));

/** The roles that would allow something, for the sentence that refuses it. */
export const rolesAllowing = (permission: Permission): Role[] => roles.filter((role) => permissionsOf[role].includes(permission));
