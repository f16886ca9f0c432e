import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorCatalogue } from "#runtime/api/errors.ts";
import { fromRoot } from "#runtime/root.ts";

const read = (...parts: string[]): string => readFileSync(fromRoot(...parts), "utf8");
const rows = (text: string): string[][] =>
  [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()));

describe("the docs", () => {
  it("name every setting, and no other", () => {
    const named = rows(read("docs", "running.md")).flatMap(([cell = ""]) => /^`([A-Z_]+)`$/.exec(cell)?.[1] ?? []);
    const known = [...read("runtime", "settings.ts").matchAll(/env\.([A-Z_]+)|number\(env, "([A-Z_]+)"/g)].map(
      ([, a, b]) => a ?? b,
    );
    expect(named.sort()).toEqual([...new Set(known)].sort());
  });

  it("list every error of the API with its status and sentence", () => {
    const table = rows(read("docs", "errors.md")).filter(([code]) => code?.startsWith("`"));
    const wanted = Object.entries(errorCatalogue).map(([code, [status, message]]) => [`\`${code}\``, String(status), message]);
    expect(table).toEqual(wanted);
  });

  const pages = [
    "README.md",
    ...readdirSync(fromRoot("docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => join("docs", name)),
  ];
  it.each(pages)("%s links to what exists", (page) => {
    const targets = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = ""]) => target);
    expect(targets.filter((target) => !existsSync(fromRoot(dirname(page), target)))).toEqual([]);
  });
});
