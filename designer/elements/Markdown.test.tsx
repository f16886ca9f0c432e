import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { afterEach, describe, expect, it } from "vitest";
import Markdown from "./Markdown.tsx";

let box: HTMLElement | undefined;
afterEach(() => box?.remove());

function shown(text: string): HTMLElement {
  box = document.createElement("div");
  document.body.append(box);
  const root = createRoot(box);
  flushSync(() => root.render(<Markdown text={text} />));
  return box;
}

describe("a page in Markdown", () => {
  it("shows headings, tables and code", () => {
    const page = shown("# Map\n\n| a | b |\n| - | - |\n| `c` | d |\n\nText with **weight**.");
    expect([...page.querySelectorAll("h1, th, td code, strong")].map((one) => one.textContent)).toEqual([
      "Map",
      "a",
      "b",
      "c",
      "weight",
    ]);
  });

  it("calls each table by its head, or by how it begins", () => {
    const page = shown("| `a` | b |\n| - | - |\n| c | d |\n\nText\n\n|   |   |\n| - | - |\n| _e_ | f |");
    const names = [...page.querySelectorAll("section")].map((one) => one.getAttribute("aria-label"));
    expect(names).toEqual(["a b", "e f"]);
  });

  it("runs nothing and asks nothing of others, whatever it holds", () => {
    const page = shown(
      "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) ![p](https://other.example/p.png) " +
        '<a href="https://other.example" onclick="alert(1)">b</a> [near](../docs/x.md) [far](https://example.com/y)',
    );
    expect(page.querySelectorAll("script, img, [onclick], [onerror]")).toHaveLength(0);
    const links = [...page.querySelectorAll("a")];
    expect(links.map((one) => [one.getAttribute("href"), one.rel])).toEqual([["https://example.com/y", "noopener noreferrer"]]);
    expect(page.textContent).toContain("<script>");
    expect(page.textContent).toContain("near");
  });
});
