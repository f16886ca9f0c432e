import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inLines } from "./inLines.ts";

const street = (texts: unknown, most = 4) => inLines(texts, 35, most, "street");

describe("an address in lines", () => {
  it("keeps each text that fits in a line of its own, and leaves out what is empty", () => {
    expect(street(["418 Alder Street", null, "", "Unit 6", 17])).toEqual(["418 Alder Street", "Unit 6", "17"]);
    expect(street(undefined)).toEqual([]);
    expect(street("Bend", 1)).toEqual(["Bend"]);
  });

  it("goes on in the next line between words", () => {
    expect(street(["Königlich-Bayerische Straße 17, bei der Familie Lind", "vierter Stock"])).toEqual([
      "Königlich-Bayerische Straße 17, bei",
      "der Familie Lind",
      "vierter Stock",
    ]);
  });

  it("runs on where lines of their own would be too many", () => {
    expect(street(["Hof 3", "Haus B", "Tor 9"], 2)).toEqual(["Hof 3, Haus B, Tor 9"]);
  });

  it.each([
    [["a".repeat(36)], 4],
    [["a b ".repeat(40)], 4],
    [["Hof 3".repeat(6), "Haus B".repeat(5)], 1],
  ])("refuses what does not fit: %j in %i", (texts, most) => {
    expect(() => street(texts, most)).toThrow(/room for .* of 35 characters for the street, and .* does not fit/);
  });

  it("drops no letter, and no line is too long", () => {
    const texts = fc.array(fc.array(fc.stringMatching(/^[a-zß-ü]{1,12}$/), { maxLength: 6 }), { maxLength: 3 });
    const letters = (all: string[]) => all.join(" ").replace(/[\s,]+/g, "");
    fc.assert(
      fc.property(texts, fc.integer({ min: 12, max: 40 }), fc.integer({ min: 1, max: 5 }), (parts, width, most) => {
        const given = parts.map((part) => part.join(" "));
        let lines: string[];
        try {
          lines = inLines(given, width, most, "street");
        } catch {
          return;
        }
        expect(letters(lines)).toBe(letters(given));
        expect(lines.length).toBeLessThanOrEqual(most);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
