import fc from "fast-check";
import { expect, it } from "vitest";
import { isSuperseded, type LaterRequest } from "./supersededItem.ts";

const skus = ["a", "b", "c"];

/** One batch of quantities: of each SKU it has, the quantity and whether the target took it; all of it may have been refused. */
const batch = fc.record({
  whole: fc.boolean(),
  lines: fc.uniqueArray(fc.record({ sku: fc.constantFrom(...skus), taken: fc.boolean() }), {
    minLength: 1,
    selector: ({ sku }) => sku,
  }),
});

it("lets a late retry of a refused quantity never go over a newer one, and keeps it back for no other reason", () => {
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 6 }), fc.nat(5), fc.constantFrom(...skus), (batches, nth, sku) => {
      const first = nth % batches.length;
      // The quantity of a SKU in a batch is the number of the batch.
      let held = -1;
      for (const [at, { whole, lines }] of batches.entries()) {
        if (at !== first && whole && lines.some((line) => line.sku === sku && line.taken)) held = at;
      }
      const later = batches.slice(first + 1).map(
        ({ whole, lines }): LaterRequest => ({
          state: whole ? "CONFIRMED" : "REFUSED",
          taken: lines.filter(({ taken }) => taken).map((line) => line.sku),
        }),
      );
      const newest = Math.max(held, first);
      if (!isSuperseded(sku, later)) held = first;
      expect(held).toBe(newest);
    }),
    { numRuns: 2_000 },
  );
});

it("counts a newer request that is under way or in doubt", () => {
  for (const state of ["INTENDED", "IN_DOUBT"] as const) expect(isSuperseded("a", [{ state, taken: ["a"] }])).toBe(true);
  expect(isSuperseded("a", [{ state: "INTENDED", taken: ["b"] }])).toBe(false);
  expect(isSuperseded("a", [])).toBe(false);
});
