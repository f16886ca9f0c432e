import type { Role } from "#schemas/people.ts";

/** What each role may, written down once more, by hand: what the product says of itself is what is tested. */
export const may: Record<Role, string[]> = {
  viewer: ["see"],
  analyst: ["see", "design", "request"],
  operator: ["see", "request", "operate"],
  admin: ["see", "design", "request", "operate", "administer"],
};

export type Rule = "open" | "signedIn" | { permission: string; in: string }[];

export interface Route {
  method: string;
  /** As the API's document has it, with `{name}`. */
  path: string;
  rule: Rule | undefined;
}

/** The routes of the API's own document. */
export const routesIn = ({ paths }: { paths: Record<string, Record<string, { "x-permission"?: Rule }>> }): Route[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      rule: operation["x-permission"],
    })),
  );

/** Whether a role is let in: `own` where it is granted in the environment that the request names. */
export const allowed = (rule: Rule, role: Role, own: boolean, everywhere: boolean): boolean =>
  rule === "open" ||
  (rule !== "signedIn" &&
    rule.every(
      (need) => may[role].includes(need.permission) && (everywhere || need.in === "any" || (need.in !== "everywhere" && own)),
    ));
