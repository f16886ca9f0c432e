import fc from "fast-check";
import { expect, it } from "vitest";
import { validateSample } from "#schemas/validate/sample.ts";
import { changedSample, madeSample, type NewSample, sampleName, tooLarge } from "./newSample.ts";

const order: NewSample = { title: "Order with a gift", source: "shop", input: { id: 7 }, outcome: "SUCCEEDED" };

it("makes of any title a free name that a sample's file can have", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.array(fc.string()), (title, others) => {
      const first = sampleName(title, others);
      const second = sampleName(title, [...others, first]);
      expect(second).not.toBe(first);
      for (const name of [first, second])
        expect(validateSample(madeSample(name, { ...order, title: title.slice(0, 160) }))).toEqual([]);
    }),
  );
  expect(sampleName("Bestellung über Größe 42", [])).toBe("bestellung-uber-gro-e-42");
});

it("leaves what the dialog does not ask for as it is, but not what was expected of another end", () => {
  const answers = { erp: { status: 200, body: { id: 1 } } };
  const expected = { outcome: "invalid" as const, node: "check" };
  const sample = { ...madeSample("gift", order), headers: { topic: "orders" }, answers, expect: expected, kept: null };
  expect(changedSample(sample, { ...order, outcome: "invalid", title: " Renamed " })).toEqual({
    ...madeSample("gift", order),
    ...{ title: "Renamed", headers: { topic: "orders" }, answers, expect: expected },
  });
  expect(changedSample(sample, order).expect).toEqual({ outcome: "SUCCEEDED" });
});

it("is too large by its JSON without blanks, in bytes", () => {
  const sample = madeSample("a", { ...order, input: "ä".repeat(1_000) });
  const bytes = new TextEncoder().encode(JSON.stringify(sample)).length;
  expect(bytes).toBeGreaterThan(2_000);
  expect(tooLarge(sample, bytes)).toBeUndefined();
  expect(tooLarge(sample, 2_000)).toEqual({ size: 3, most: 2 });
});
