import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Session } from "#schemas/people.ts";
import { type Permission, permits, permitsSomewhere, rolesAllowing } from "#schemas/permits.ts";
import { sessionQuery } from "../api/queries.ts";
import { useEnvironments } from "./address.ts";

/** Who saves and decides where nobody signs in, as the server says. */
export const nobody = "local";

/** Who sits here. Suspends until it is known: nothing is shown to nobody. */
export const useSession = (): Session => useSuspenseQuery(sessionQuery).data;

/** Whether the person here may do something in an environment; null asks for everywhere. */
export const useMay = (permission: Permission, environment: string | null): boolean =>
  permits(useSession().grants, permission, environment);

/** Whether the person here may do something in some environment: flows are drawn once for all of them. */
export const useMaySomewhere = (permission: Permission): boolean => permitsSomewhere(useSession().grants, permission);

/** Why the person here may not do something, in a sentence; null when it is allowed. Without an environment: in none. */
export function useRefusal(permission: Permission, environment?: string): string | null {
  const { t, i18n } = useTranslation();
  const { grants } = useSession();
  const title = useEnvironments().find(({ id }) => id === environment)?.title ?? environment;
  const allowed = environment === undefined ? permitsSomewhere(grants, permission) : permits(grants, permission, environment);
  if (allowed) return null;
  const names = rolesAllowing(permission).map((role) => t(`people.roleNames.${role}`));
  const roles = new Intl.ListFormat(i18n.language, { type: "disjunction" }).format(names);
  return title === undefined ? t("people.needsRole", { roles }) : t("people.needsRoleIn", { roles, where: title });
}
