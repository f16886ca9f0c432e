import fc from "fast-check";
import { expect, test } from "vitest";
import { covers, type Granted, type Permission, permissionsOf, permits, roles } from "./permits.ts";
import { type IssuedToken, tokenState } from "./tokenState.ts";

const environment = fc.constantFrom(null, "dev", "prod");
const grants: fc.Arbitrary<Granted[]> = fc.array(fc.record({ role: fc.constantFrom(...roles), environment }), { maxLength: 3 });
const maker = fc.record({ active: fc.boolean(), grants });
const token = (from: fc.Arbitrary<IssuedToken["maker"]>): fc.Arbitrary<IssuedToken> =>
  fc.record({ revoked: fc.boolean(), expired: fc.boolean(), grants, maker: from });
const chained = token(
  fc.oneof(
    fc.constant(null),
    maker,
    token(maker).map((made) => ({ token: made })),
  ),
);
const all: readonly Permission[] = permissionsOf.admin;

test("a token in force allows nothing, anywhere, that who made it could not do now", () => {
  fc.assert(
    fc.property(chained, environment, fc.constantFrom(...all), (given, where, permission) => {
      if (tokenState(given) !== "active" || !permits(given.grants, permission, where)) return;
      for (let by = given.maker; by !== null; by = "token" in by ? by.token.maker : null) {
        if ("token" in by) expect([by.token.revoked, by.token.expired]).toEqual([false, false]);
        else expect(by.active).toBe(true);
        expect(permits("token" in by ? by.token.grants : by.grants, permission, where)).toBe(true);
      }
    }),
  );
});

test("grants cover what they allow themselves, and everywhere is more than every environment that there is", () => {
  fc.assert(
    fc.property(grants, (given) => {
      expect(covers(given, given)).toBe(true);
    }),
  );
  const everywhere = [{ role: "admin" as const, environment: null }];
  const each = ["dev", "prod"].map((where) => ({ role: "admin" as const, environment: where }));
  expect([covers(everywhere, each), covers(each, everywhere)]).toEqual([true, false]);
  // An operator does not draw, and who is both does what an admin's token for drawing does.
  expect(covers([{ role: "operator", environment: null }], [{ role: "analyst", environment: "dev" }])).toBe(false);
});

test("it says why it is not in force: its own end first", () => {
  const bob = { active: false, grants: [{ role: "admin" as const, environment: null }] };
  const made = { revoked: false, expired: false, grants: [{ role: "viewer" as const, environment: "dev" }] };
  expect(tokenState({ ...made, maker: null })).toBe("active");
  expect(tokenState({ ...made, maker: { ...bob, active: true } })).toBe("active");
  expect(tokenState({ ...made, maker: bob })).toBe("suspended");
  expect(tokenState({ ...made, maker: { token: { ...made, maker: bob } } })).toBe("suspended");
  expect(tokenState({ ...made, expired: true, maker: bob })).toBe("expired");
  expect(tokenState({ ...made, expired: true, revoked: true, maker: bob })).toBe("revoked");
});
