import { Navigate, Outlet, useLocation } from "react-router";
import { NoRolePage } from "../people/NoRolePage.tsx";
import { useSession } from "./session.ts";

/** Everything behind the door: who has to sign in and has not is led there, and back afterwards. */
export function Guarded() {
  const { signIn, setUp, person, grants } = useSession();
  const { pathname, search } = useLocation();
  if (setUp === "token") return <Navigate to="/set-up" replace />;
  if (person && grants.length === 0) return <NoRolePage name={person.title} />;
  if (!signIn || person) return <Outlet />;
  const to = `${pathname}${search}`;
  return <Navigate to={to === "/" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(to)}`} replace />;
}
