import fc from "fast-check";
import { expect, it } from "vitest";
import { notedKey } from "./sql.ts";

/** As the most forgiving database compares: no case, no blanks at the end, no letters beyond its own, no more than it holds. */
const folded = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/[^ -~]/g, "?")
    .toLowerCase()
    .trimEnd()
    .slice(0, 700);

it("is another for every other key, however a database compares texts, and no longer than the column", () => {
  const key = fc.oneof(fc.string({ unit: "binary", maxLength: 900 }), fc.string({ maxLength: 40 }));
  fc.assert(
    fc.property(key, key, (one, other) => {
      expect(notedKey(one).length).toBeLessThanOrEqual(700);
      expect(notedKey(one)).toBe(notedKey(one));
      if (one !== other) expect(folded(notedKey(one))).not.toBe(folded(notedKey(other)));
    }),
  );
  const pairs = [
    ["dev/w/SO-a/write", "dev/w/SO-A/write"],
    ["dev/w/SO-1", "dev/w/SO-1 "],
    ["dev/w/Ö", "dev/w/Ø"],
    [`${"x".repeat(900)}1`, `${"x".repeat(900)}2`],
  ] as const;
  for (const [one, other] of pairs) expect(folded(notedKey(one))).not.toBe(folded(notedKey(other)));
});

it("can still be read by people", () => {
  expect(notedKey("dev/warehouse/sql.write/SO-10417/write")).toMatch(
    /^dev\/warehouse\/sql\.write\/SO-10417\/write#[0-9a-f]{64}$/,
  );
});
