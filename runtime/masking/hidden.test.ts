import fc from "fast-check";
import { expect, it } from "vitest";
import { folded, hiddenOf } from "./hidden.ts";

/** What the pass over the text must find, said plainly. */
function appears(value: string, text: string): boolean {
  const [needle, hay] = [folded(value.trim()), folded(text)];
  if (needle === "") return false;
  if (needle.length > 3) return hay.includes(needle.slice(0, 200));
  return hay.split(/[^\p{L}\p{N}]+/u).includes(needle) || hay === needle;
}

const text = (maxLength: number) => fc.string({ unit: fc.constantFrom(..."abAB -"), maxLength });

it("finds a value wherever it can be read, and leaves no long one", () => {
  fc.assert(
    fc.property(fc.array(text(8), { maxLength: 6 }), text(60), (values, hay) => {
      const hidden = hiddenOf(values);
      const found = values.some((value) => appears(value, hay));
      expect(hidden.isIn(hay)).toBe(found);
      const said = hidden.replaced(hay, (value) => "#".repeat(value.length));
      expect(said !== undefined).toBe(found);
      if (said === undefined) return;
      expect(said).toHaveLength(hay.length);
      // A short one may have become a word of its own; whoever masks looks once more.
      expect(values.some((value) => value.trim().length > 3 && appears(value, said))).toBe(false);
      // What is none of them stands where it stood.
      expect([...said].every((sign, at) => sign === "#" || sign === hay[at])).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

it("folds any text to one as long", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (any) => folded(any).length === any.length));
  expect(folded("\u0130ΣΟΦΟΣ")).toBe("iσοφοσ");
});

it("replaces the whole text that holds the beginning of a very long value", () => {
  const note = "Please leave it with the neighbour. ".repeat(20);
  expect(hiddenOf([note]).replaced(`Copied: ${note}`, () => "x")).toBe("x");
});
