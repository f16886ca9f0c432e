import fc from "fast-check";
import { expect, test } from "vitest";
import { decideApproval } from "./approval.ts";

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
