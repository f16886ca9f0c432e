import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, blocksOf, type Span, spansOf } from "./markdown.ts";

const textOf = (spans: Span[]): string => spans.map((span) => ("spans" in span ? textOf(span.spans) : span.text)).join("");
const words = (block: Block): string => (block.kind === "list" ? block.items.map(textOf).join(" ") : textOf(block.spans));

describe("the text of a note", () => {
  it("has headings, paragraphs and lists", () => {
    const blocks = blocksOf("# Why\nWe hold B2B orders\nuntil noon.\n\n- one\n- **two**\n1. first");
    expect(blocks.map(({ kind }) => kind)).toEqual(["heading", "paragraph", "list", "list"]);
    expect(blocks.map(words)).toEqual(["Why", "We hold B2B orders\nuntil noon.", "one two", "first"]);
  });

  it("has bold, italic, code and addresses within a line, and code keeps its signs", () => {
    expect(spansOf("a **b *c*** `*d*`").map(({ kind }) => kind)).toContain("strong");
    expect(spansOf("`*d*`")).toEqual([{ kind: "code", text: "*d*" }]);
    expect(spansOf("see https://example.com/a.")).toEqual([
      { kind: "text", text: "see " },
      { kind: "address", href: "https://example.com/a", text: "https://example.com/a" },
      { kind: "text", text: "." },
    ]);
    expect(spansOf("[wiki](https://example.com)")).toEqual([{ kind: "address", href: "https://example.com", text: "wiki" }]);
  });

  it("leads to no address but of the web", () => {
    expect(textOf(spansOf("[x](javascript:alert(1))"))).toBe("[x](javascript:alert(1))");
    expect(spansOf("[x](javascript:alert(1))").every(({ kind }) => kind === "text")).toBe(true);
  });

  it("loses no word, whatever is written", () => {
    const word = fc.constantFrom("a", "*", "**", "`", "#", "- ", "1. ", "\n", "\n\n", "b", " ", "[", "](", ")");
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (parts) => {
        const text = parts.join("");
        const letters = (from: string) => from.replaceAll(/[^ab]/g, "");
        expect(letters(blocksOf(text).map(words).join(""))).toBe(letters(text));
      }),
    );
  });
});
