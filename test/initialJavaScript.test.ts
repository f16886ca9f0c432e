import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";

interface Chunk {
  file: string;
  imports?: string[];
}

/** What a first visit may load before a page stands, in bytes after gzip: a second on a slow mobile line. */
const MOST = 300_000;

/** What a page asks for at once beside its own: what draws a flow comes while the flow is read. */
const asked: Readonly<Record<string, string>> = {
  "canvas/FlowPage.tsx": "canvas/OnCanvas.tsx",
  "versions/VersionPage.tsx": "canvas/OnCanvas.tsx",
  "versions/VersionsPage.tsx": "versions/Compare.tsx",
};
const pages = [...readFileSync(fromRoot("designer", "app", "routes.tsx"), "utf8").matchAll(/import\("\.\.\/([^"]+)"\)/g)].map(
  ([, page = ""]) => page,
);

const manifestFile = fromRoot("dist", "designer", ".vite", "manifest.json");
const manifest: Record<string, Chunk> = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, "utf8")) : {};

/** The chunks that an entry needs before it runs: those it imports, and what they import. */
function needed(entries: readonly string[], found = new Set<string>()): Set<string> {
  for (const name of entries) {
    if (found.has(name)) continue;
    found.add(name);
    needed(manifest[name]?.imports ?? [], found);
  }
  return found;
}

const packed = (chunk: Chunk): number => gzipSync(readFileSync(fromRoot("dist", "designer", chunk.file)), { level: 9 }).length;

function sizes(...pages: string[]): { file: string; bytes: number }[] {
  const chunks = [...needed(["index.html", ...pages])].map((name) => {
    const chunk = manifest[name];
    if (!chunk) throw new Error(`The build has no ${name}.`);
    return { file: chunk.file, bytes: packed(chunk) };
  });
  return chunks.sort((a, b) => b.bytes - a.bytes);
}

describe.skipIf(!existsSync(manifestFile))("the initial JavaScript", () => {
  const total = (chunks: ReturnType<typeof sizes>) => chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  const told = (chunks: ReturnType<typeof sizes>) =>
    `The largest:\n${chunks
      .slice(0, 12)
      .map(({ file, bytes }) => `${(bytes / 1_000).toFixed(1)} kB ${file}`)
      .join("\n")}`;

  it("is measured of every page that has an address", () => {
    expect(pages).toEqual(expect.arrayContaining(["flows/FlowList.tsx", "canvas/FlowPage.tsx", "runs/RunPage.tsx"]));
  });

  it.each(pages)("of %s stays below 300 kB after gzip", (page) => {
    const chunks = sizes(page, ...(asked[page] ? [asked[page]] : []));
    expect(total(chunks), told(chunks)).toBeLessThan(MOST);
  });

  it("leaves editor, evaluator and arranging to when they are asked for", () => {
    const first = [...needed(["index.html", "canvas/FlowPage.tsx", "canvas/OnCanvas.tsx"])]
      .map((name) => manifest[name]?.file ?? "")
      .join("\n");
    for (const late of [
      /CodeEditor/,
      /ExpressionEditor/,
      /evaluator\.worker/,
      /arrange/,
      /Outline-/,
      /PublishDialog/,
      /Inspector/,
    ])
      expect(first).not.toMatch(late);
  });
});
