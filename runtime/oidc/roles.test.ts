import fc from "fast-check";
import { Compile } from "typebox/compile";
import { describe, expect, it } from "vitest";
import { PersonName } from "#schemas/people.ts";
import { type Claims, groupsFrom, nameFrom, namesFrom, titleFrom } from "./claims.ts";
import { grantsOf, readRoleRules } from "./roles.ts";

describe("roles of a provider's groups", () => {
  const rules = readRoleRules("loom-admins=admin, shop=analyst@dev");

  it("are read with their environment, and with groups that have signs of their own", () => {
    expect(readRoleRules("cn=ops/ou=it=operator@prod")).toEqual([
      { group: "cn=ops/ou=it", grant: { environment: "prod", role: "operator" } },
    ]);
    expect(readRoleRules("a@b.example=viewer")).toEqual([{ group: "a@b.example", grant: { environment: null, role: "viewer" } }]);
    expect(readRoleRules(" , ")).toEqual([]);
  });

  it("are read from a JSON list too, where groups have commas in their names", () => {
    const text = '["CN=Loom Admins,OU=Groups,DC=shop,DC=example=admin", "CN=Ops,OU=Groups=operator@prod"]';
    expect(readRoleRules(text)).toEqual([
      { group: "CN=Loom Admins,OU=Groups,DC=shop,DC=example", grant: { environment: null, role: "admin" } },
      { group: "CN=Ops,OU=Groups", grant: { environment: "prod", role: "operator" } },
    ]);
    for (const wrong of ["[", "[1]", '["admins"]']) expect(() => readRoleRules(wrong)).toThrow("ORDERLOOM_OIDC_ROLES");
  });

  it.each(["admins", "=admin", "admins=boss", "admins=admin@", "admins="])("%j is refused in a sentence", (text) => {
    expect(() => readRoleRules(text)).toThrow(`ORDERLOOM_OIDC_ROLES has "${text}"; give GROUP=ROLE`);
  });

  it("are those of all groups, each once, and everybody's", () => {
    expect(grantsOf(rules.slice(0, 1), ["other"])).toEqual([]);
    const more = readRoleRules("a=viewer, b=viewer, b=analyst@dev, *=viewer");
    expect(grantsOf(more, ["a", "b"])).toEqual([
      { environment: null, role: "viewer" },
      { environment: "dev", role: "analyst" },
    ]);
    expect(grantsOf(more, [])).toEqual([{ environment: null, role: "viewer" }]);
  });

  it("never come from a group that no rule names", () => {
    const named = readRoleRules("loom-admins=admin, shop=analyst@dev");
    fc.assert(
      fc.property(fc.array(fc.string()), (groups) => {
        const foreign = groups.filter((group) => group !== "loom-admins" && group !== "shop");
        expect(grantsOf(named, foreign)).toEqual([]);
      }),
    );
  });
});

describe("what a provider says of a person", () => {
  const mayBeName = Compile(PersonName);

  it("gives a name that one may have, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.record({ preferred_username: fc.anything(), email: fc.string({ unit: "binary" }), sub: fc.string() }),
        (claims) => {
          const name = nameFrom(claims as Claims);
          expect(mayBeName.Check(name), name).toBe(true);
          expect(titleFrom(claims as Claims).length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it("is looked at in the order in which people know it", () => {
    expect(nameFrom({ preferred_username: "Ada.Löve", email: "x@y.example", sub: "1" })).toBe("ada.love");
    expect(nameFrom({ email: "Ada@Example.com", sub: "1" })).toBe("ada@example.com");
    expect(nameFrom({ sub: "7" })).toBe("person-7");
    // Under which an account may be here already: an address that nobody has verified is anybody's.
    const claims = { preferred_username: "Ada.Löve", email: "Ada@Example.com", sub: "1" };
    expect(namesFrom(claims)).toEqual(["ada.love"]);
    expect(namesFrom({ ...claims, email_verified: true })).toEqual(["ada.love", "ada@example.com"]);
    expect(namesFrom({ sub: "7" })).toEqual([]);
    expect(titleFrom({ name: "Ada Lovelace", sub: "7" })).toBe("Ada Lovelace");
  });

  it("lists groups as a list or as one word", () => {
    expect(groupsFrom({ groups: ["a", 1, "b"] }, "groups")).toEqual(["a", "b"]);
    expect(groupsFrom({ roles: "a" }, "roles")).toEqual(["a"]);
    expect(groupsFrom({}, "groups")).toEqual([]);
  });
});
