import { covers, type Granted } from "./permits.ts";

/** `suspended`: who made it may not do any more what it grants, or may not sign in. Made to do so again, it is in force again. */
export const tokenStates = ["active", "expired", "revoked", "suspended"] as const;
export type TokenState = (typeof tokenStates)[number];

/** A token as far as it decides whether it is in force. */
export interface IssuedToken {
  revoked: boolean;
  expired: boolean;
  grants: readonly Granted[];
  /**
   * Who made it; null for nobody who could lose a right: whoever held ORDERLOOM_ADMIN_TOKEN, or was at the machine before sign-in
   * was set up.
   */
  maker: { token: IssuedToken } | { active: boolean; grants: readonly Granted[] } | null;
}

/** A token is its maker's hand: it reaches no further, and no longer, than who made it. */
export function tokenState({ revoked, expired, grants, maker }: IssuedToken): TokenState {
  if (revoked) return "revoked";
  if (expired) return "expired";
  if (maker === null) return "active";
  const active = "token" in maker ? tokenState(maker.token) === "active" : maker.active;
  return active && covers("token" in maker ? maker.token.grants : maker.grants, grants) ? "active" : "suspended";
}
