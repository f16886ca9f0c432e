import fc from "fast-check";
import { expect, test } from "vitest";
import { DifferenceGroup, differenceKinds } from "#schemas/promotion.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import type { Difference } from "./compareRuns.ts";
import { differenceGroups } from "./groups.ts";

const difference = fc.record({
  kind: fc.constantFrom(...differenceKinds),
  node: fc.constantFrom("a", "b", null),
  field: fc.constantFrom("", "/x", "/lines/*/y"),
  // Nothing, where a field is new or gone.
  before: fc.option(fc.integer(), { nil: undefined }),
  after: fc.option(fc.integer(), { nil: undefined }),
});
const messages = fc.array(fc.array(difference, { maxLength: 6 }), { maxLength: 30 });

const keyOf = ({ kind, node, field }: Pick<Difference, "kind" | "node" | "field">) => JSON.stringify([kind, node, field]);

test("each place is one group, and counts each message once", () => {
  fc.assert(
    fc.property(messages, (all) => {
      const gathered = differenceGroups();
      for (const [index, differences] of all.entries()) gathered.add({ runId: `run-${index}`, documentKey: null }, differences);
      const { groups, omitted } = gathered.result();
      expect(omitted).toBe(0);
      expect(new Set(groups.map(keyOf)).size).toBe(groups.length);
      for (const group of groups) {
        const holding = all.filter((differences) => differences.some((one) => keyOf(one) === keyOf(group)));
        expect(group.messages).toBe(holding.length);
        expect(checkAgainst(DifferenceGroup, JSON.parse(JSON.stringify(group)))).toEqual({ ok: true, faults: [] });
        expect(group.examples.length).toBe(Math.min(3, holding.length));
      }
      const places = new Set(all.flat().map(keyOf));
      expect(groups.length).toBe(places.size);
    }),
  );
});

test("what costs most to overlook comes first, then what concerns most messages", () => {
  const gathered = differenceGroups();
  const one = (kind: Difference["kind"], node: string): Difference => ({ kind, node, field: "", before: 1, after: 2 });
  gathered.add({ runId: "1", documentKey: "a" }, [one("data", "x"), one("data", "y")]);
  gathered.add({ runId: "2", documentKey: "b" }, [one("data", "y"), one("effectKey", "erp")]);
  expect(gathered.result().groups.map(({ kind, node, messages: count }) => [kind, node, count])).toEqual([
    ["effectKey", "erp", 1],
    ["data", "y", 2],
    ["data", "x", 1],
  ]);
});
