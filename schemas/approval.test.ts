import fc from "fast-check";
import { expect, test } from "vitest";
import { decideActivation, decideApproval } from "./approval.ts";

const awaiting = { protection: "approval" as const, hash: "h", owners: ["ada", "eve"] };

test("an approval of other content never counts", () => {
  const approver = fc.record({
    actor: fc.constantFrom("ada", "bob"),
    person: fc.boolean(),
    signIn: fc.boolean(),
    hash: fc.constantFrom("x", "H", ""),
  });
  fc.assert(
    fc.property(approver, fc.constantFrom("none" as const, "checks" as const, "approval" as const), (given, protection) => {
      expect(decideApproval({ ...awaiting, protection }, given)).toEqual({ ok: false, why: "hash" });
    }),
  );
});

test("with sign-in, another person approves: nobody whose work it is, nor a token", () => {
  const seen = { signIn: true, hash: "h" };
  expect(decideApproval(awaiting, { ...seen, actor: "ada", person: true })).toEqual({ ok: false, why: "own" });
  expect(decideApproval(awaiting, { ...seen, actor: "eve", person: true })).toEqual({ ok: false, why: "own" });
  expect(decideApproval(awaiting, { ...seen, actor: "token:ci", person: false })).toEqual({ ok: false, why: "noPerson" });
  expect(decideApproval(awaiting, { ...seen, actor: "bob", person: true })).toEqual({ ok: true, alone: false });
});

test("without sign-in the one person there is approves alone, and that is told", () => {
  const local = { actor: "local", person: false, signIn: false, hash: "h" };
  expect(decideApproval({ ...awaiting, owners: ["local"] }, local)).toEqual({ ok: true, alone: true });
});

test("an approval counts when its time comes only of who still operates, is no author by now, and whom the guard takes", () => {
  const bob = { actor: "bob", person: true, signIn: true };
  expect(decideActivation(awaiting, bob, true)).toEqual({ ok: true });
  expect(decideActivation(awaiting, bob, false)).toEqual({ ok: false, why: "approverGone" });
  expect(decideActivation(awaiting, { ...bob, actor: "eve" }, true)).toEqual({ ok: false, why: "authorSince" });
  expect(decideActivation(awaiting, { ...bob, actor: "token:ci", person: false }, true)).toEqual({
    ok: false,
    why: "unapproved",
  });
  expect(decideActivation({ ...awaiting, protection: "none" }, bob, false)).toEqual({ ok: false, why: "approverGone" });
});
