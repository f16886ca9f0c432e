import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { movedSlot, resolveSlots, type Slots } from "./promotionSlots.ts";

describe("what slots are bound to when a promotion is activated", () => {
  it.each<[string, Slots, Slots, Slots, Slots | "conflict"]>([
    ["what it leaves alone stays as it was", { erp: "a" }, { erp: "a" }, { erp: "a" }, { erp: "a" }],
    ["what it leaves alone stays as it was bound since", { erp: "a" }, { erp: "a" }, { erp: "b" }, { erp: "b" }],
    ["what it binds anew it binds", { erp: "a" }, { erp: "b" }, { erp: "a" }, { erp: "b" }],
    ["what was bound to the same since is no conflict", { erp: "a" }, { erp: "b" }, { erp: "b" }, { erp: "b" }],
    ["what was bound to another one since is", { erp: "a" }, { erp: "b" }, { erp: "c" }, "conflict"],
    ["a new slot is bound", {}, { wms: "w" }, {}, { wms: "w" }],
    ["a new slot that was bound to the same since", {}, { wms: "w" }, { wms: "w" }, { wms: "w" }],
    ["a new slot that was bound to another one since", {}, { wms: "w" }, { wms: "x" }, "conflict"],
    ["a deployment that was ended since is bound as it was reviewed", { erp: "a" }, { erp: "a" }, {}, { erp: "a" }],
    ["slots that the version lacks are none of its own", { old: "a" }, { erp: "b" }, { old: "c" }, { erp: "b" }],
  ])("%s", (_what, found, asked, now, wanted) => {
    const { slots, conflicts } = resolveSlots(found, asked, now);
    expect(conflicts.length > 0 ? "conflict" : slots).toEqual(wanted);
  });

  const slots = fc.dictionary(fc.constantFrom("s", "t", "u"), fc.constantFrom("a", "b", "c"));

  it("never undoes in silence what somebody bound since", () => {
    fc.assert(
      fc.property(slots, slots, slots, (found, asked, now) => {
        const { slots: resolved, conflicts } = resolveSlots(found, asked, now);
        for (const [slot, current] of Object.entries(now)) {
          if (current === found[slot] || !(slot in asked)) continue;
          expect(resolved[slot] === current || conflicts.some((each) => each.slot === slot)).toBe(true);
        }
        expect(Object.keys(resolved).sort()).toEqual(Object.keys(asked).sort());
      }),
    );
  });

  it("is what was asked for where nothing was bound since", () => {
    fc.assert(
      fc.property(slots, slots, (found, asked) => {
        expect(resolveSlots(found, asked, found)).toEqual({ slots: asked, conflicts: [] });
      }),
    );
  });
});

describe("a slot that would reach another account", () => {
  const accounts: Record<string, string> = { a: "north", b: "north", c: "south" };
  const moved = (now: Slots, asked: Slots) => movedSlot(now, asked, (name) => accounts[name]);

  it("is named with both of its connections", () => {
    expect(moved({ erp: "a", web: "a" }, { web: "c" })).toEqual({ slot: "web", now: "a", asked: "c" });
    expect(moved({}, { erp: "a" })).toEqual({ slot: "erp", now: "nothing", asked: "a" });
  });

  it("is none where it stays, goes to the same account by another connection, or to one that is not there", () => {
    expect(moved({ erp: "a" }, {})).toBeUndefined();
    expect(moved({ erp: "a" }, { erp: "a" })).toBeUndefined();
    expect(moved({ erp: "a" }, { erp: "b" })).toBeUndefined();
    expect(moved({ erp: "a" }, { erp: "gone" })).toBeUndefined();
  });
});
