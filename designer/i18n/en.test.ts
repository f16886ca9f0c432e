import { describe, expect, it } from "vitest";
import { auditTexts } from "./en/audit.ts";
import { editingTexts } from "./en/editing.ts";
import { exceptionsTexts } from "./en/exceptions.ts";
import { promotionTexts } from "./en/promotion.ts";
import { tokensTexts } from "./en/tokens.ts";
import { versionsTexts } from "./en/versions.ts";
import { en } from "./en.ts";

const files = Object.entries(
  import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.ts", "!./en.ts", "!./en/**"], {
    query: "?raw",
    import: "default",
    eager: true,
  }),
);
const sources = files.map(([, source]) => source).join("\n");

/** What comes with the parts that show it. */
const later = [auditTexts, exceptionsTexts, promotionTexts, tokensTexts, versionsTexts];

const keysOf = (value: object, prefix = ""): string[] =>
  Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === "string" ? [prefix + name] : keysOf(inner, `${prefix}${name}.`),
  );

/** True when the key stands in the code whole, or made from a part: `t(`state.${state}`)` uses all of `state`. */
const isUsed = (key: string): boolean => {
  const plain = key.replace(/_(one|other)$/, "");
  const made = plain.slice(0, plain.lastIndexOf(".") + 1);
  return sources.includes(`"${plain}"`) || (made !== "" && sources.includes(`\`${made}\${`));
};

describe("the catalogue", () => {
  it("has no sentence that nobody shows", () => {
    expect([en, editingTexts, ...later].flatMap((texts) => keysOf(texts)).filter((key) => !isUsed(key))).toEqual([]);
  });

  it("is there wherever one of its later sentences is shown", () => {
    const parts = later.flatMap((texts) => Object.keys(texts)).join("|");
    const shows = files.filter(([, source]) => new RegExp(`\\Wt\\(["\`](${parts})\\.`).test(source));
    expect(shows.length).toBeGreaterThan(0);
    expect(shows.filter(([, source]) => !source.includes('/texts.ts"')).map(([file]) => file)).toEqual([]);
  });

  it("keeps to the words of the design: an edge is no link", () => {
    const texts = JSON.stringify([en, editingTexts, ...later]);
    expect(texts.match(/\blink(s|ed)?\b/gi)).toBeNull();
    expect(texts.match(/\bmend(s|ed)?\b/gi)).toBeNull();
  });
});
