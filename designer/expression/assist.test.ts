import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { ready } from "../i18n/i18n.ts";
import { helpAt } from "./assist.ts";
import { readingOf } from "./remarks.ts";

beforeAll(() => ready);

const surroundings = { samples: [{ id: 7, lines: [{ sku: "A" }] }], variables: ["source", "run"] };
/** What is said where a text begins in an expression, the last time it does. */
const helpOn = (name: string, text: string) => helpAt(readingOf(text, surroundings), text.lastIndexOf(name) + 1, i18next.t);

describe("what stands at a place", () => {
  it("is told of fields by the samples, and of functions by their docs", () => {
    expect(helpOn("id", "$string(id)")).toEqual(["id: number", "such as 7"]);
    expect(helpOn("$string", "$string(id)")[0]).toMatch(/^\$string\(/);
    expect(helpOn("$source", "$source.account")[1]).toBeTruthy();
  });

  it("is told of the expression's own functions by how they are made and the comment before them", () => {
    const text =
      "(/* Nothing and an empty text\n   are one. */ $text := function($x, $y) { $exists($x) ? $string($x) : $y }; $text(id, null))";
    const told = ["$text := function($x, $y)", "Nothing and an empty text are one."];
    expect(helpOn("$text", text)).toEqual(told);
    expect(helpOn("$text :=", text)).toEqual(told);
    expect(helpOn("$x)", text)).toEqual(["$x"]);
  });

  it("is told of variables by what they are made of, and what that gives", () => {
    expect(helpOn("$skus", "( $skus := lines.sku; $count($skus) )")).toEqual([
      "$skus := lines.sku",
      "one or a list of text",
      'such as "A"',
    ]);
    expect(helpOn("$long", `( $long := $string(${"id & ".repeat(40)}id); $long )`)[0]).toMatch(/^\$long := .{70,80} …$/);
  });
});
