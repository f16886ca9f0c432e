import { useSuspenseQuery } from "@tanstack/react-query";
import { type Permission, permits, type Session } from "#schemas/people.ts";
import { sessionQuery } from "../api/queries.ts";

/** Who sits here. Suspends until it is known: nothing is shown to nobody. */
export const useSession = (): Session => useSuspenseQuery(sessionQuery).data;

/** Whether the person here may do something in an environment; null asks for everywhere. */
export const useMay = (permission: Permission, environment: string | null): boolean =>
  permits(useSession().grants, permission, environment);
