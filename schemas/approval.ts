import type { Protection } from "./environment.ts";

/** How much of a guard each is, the least first. */
export const protections: readonly Protection[] = ["none", "checks", "approval"];

/** Whether an environment would be guarded less: who runs it could then do alone what another had to approve. */
export const loosens = (from: Protection, to: Protection): boolean => protections.indexOf(to) < protections.indexOf(from);

/** A promotion that waits for approval, as far as it decides who may give it. */
export interface Awaiting {
  protection: Protection;
  hash: string;
  /** Whose work it is. */
  owners: readonly string[];
}

/**
 * Names under which somebody did something, and that do not say who: of whoever held ORDERLOOM_ADMIN_TOKEN, and of whoever was
 * at the machine before sign-in was set up. An author of these may be the approver: nobody can tell, so the approver is told.
 */
export const unnamedActors = ["local", "token"] as const;
export type UnnamedActor = (typeof unnamedActors)[number];
export const isUnnamed = (actor: string): actor is UnnamedActor => (unnamedActors as readonly string[]).includes(actor);

export interface Approver {
  actor: string;
  /** True for a person who has signed in; tokens are nobody. */
  person: boolean;
  /** Whether anybody has to sign in. Until then there is one person, who can only approve alone. */
  signIn: boolean;
  /** The hash of what the approver has seen. */
  hash: string;
}

export type Approval = { ok: true; alone: boolean } | { ok: false; why: "hash" | "own" | "noPerson" };

/**
 * Whether an approval counts. It is for the content that was seen, never for a number. Where an environment asks for it,
 * a person gives it, and another one than whose work it is; with no sign-in there is nobody else, and the approval is marked.
 */
export function decideApproval(awaiting: Awaiting, approver: Approver): Approval {
  if (approver.hash !== awaiting.hash) return { ok: false, why: "hash" };
  if (awaiting.protection !== "approval") return { ok: true, alone: false };
  if (!approver.signIn) return { ok: true, alone: true };
  if (!approver.person) return { ok: false, why: "noPerson" };
  return awaiting.owners.includes(approver.actor) ? { ok: false, why: "own" } : { ok: true, alone: false };
}

export type Activation = { ok: true } | { ok: false; why: "approverGone" | "authorSince" | "unapproved" };

/**
 * Whether an approval that was given counts when its time comes, of whoever operated the environment then. Meanwhile the
 * environment may be guarded better, the approver turn out to be an author, or not be let operate it any more.
 */
export function decideActivation(awaiting: Awaiting, approved: Omit<Approver, "hash">, operates: boolean): Activation {
  if (!operates) return { ok: false, why: "approverGone" };
  const decided = decideApproval(awaiting, { ...approved, hash: awaiting.hash });
  if (decided.ok) return { ok: true };
  return { ok: false, why: decided.why === "own" ? "authorSince" : "unapproved" };
}
