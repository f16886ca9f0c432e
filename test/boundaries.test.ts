import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** The rule of the house: what may import what. */

const root = fileURLToPath(new URL("..", import.meta.url));

/** Every file of the project, new ones included, without what git ignores. */
const files = execFileSync("git", ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)) && statSync(join(root, path)).isFile());

const isTest = (path: string): boolean => /\.(test|fixture)\.tsx?$/.test(path) || path.startsWith("test/");
const code = files.filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !path.endsWith(".d.ts"));
const layerOf = (path: string): string => path.split("/")[0] ?? "";

interface Import {
  from: string;
  /** A path in the project, or a package's name. */
  to: string;
}

/** Where an import leads: `#runtime/x.ts` and `../x.ts` become project paths, others stay package names. */
function resolveImport(from: string, specifier: string): string {
  if (specifier.startsWith("#")) return specifier.slice(1);
  if (specifier.startsWith(".")) return posix.normalize(posix.join(dirname(from), specifier));
  return specifier;
}

/** TypeScript's own scanner finds static and dynamic imports, exports from, and requires. */
const imports: Import[] = code.flatMap((from) =>
  ts
    .preProcessFile(readFileSync(join(root, from), "utf8"), true, true)
    .importedFiles.map(({ fileName }) => ({ from, to: resolveImport(from, fileName) })),
);

const show = ({ from, to }: Import): string => `${from} imports ${to}`;
const isOurs = (to: string): boolean =>
  ["schemas", "nodes", "runtime", "designer", "test", "scripts", "bench"].includes(layerOf(to));
const isPackage = (to: string, names: string[]): boolean => names.some((name) => to === name || to.startsWith(`${name}/`));

/** What each layer may import of ours. */
const allowed: Record<string, string[]> = {
  schemas: ["schemas"],
  nodes: ["schemas", "nodes"],
  runtime: ["schemas", "nodes", "runtime"],
  designer: ["schemas", "nodes", "designer"],
};

describe("the rule of the house", () => {
  it("sees the code", () => {
    expect(code.length).toBeGreaterThan(20);
    expect(imports).toContainEqual({ from: "test/support/globalSetup.ts", to: "runtime/store/migrate.ts" });
  });

  it.each(Object.entries(allowed))("%s imports only from %s", (layer, layers) => {
    const wrong = imports.filter(({ from, to }) => layerOf(from) === layer && isOurs(to) && !layers.includes(layerOf(to)));
    expect(wrong.filter(({ from, to }) => !(isTest(from) && to.startsWith("test/support/"))).map(show)).toEqual([]);
  });

  it("lets nothing import the designer", () => {
    const wrong = imports.filter(({ from, to }) => layerOf(to) === "designer" && layerOf(from) !== "designer" && !isTest(from));
    expect(wrong.map(show)).toEqual([]);
  });

  it("keeps everything the browser loads free of Node", () => {
    const wrong = [...reachable(code.filter((path) => layerOf(path) === "designer"))].flatMap((from) =>
      imports.filter(
        (found) => found.from === from && (found.to.startsWith("node:") || isPackage(found.to, ["pg", "undici", "fastify"])),
      ),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it("lets schemas work without Node", () => {
    const wrong = imports.filter(({ from, to }) => layerOf(from) === "schemas" && !isTest(from) && to.startsWith("node:"));
    expect(wrong.map(show)).toEqual([]);
  });

  it("lets only runtime/queue know BullMQ and Redis", () => {
    const wrong = imports.filter(
      ({ from, to }) => isPackage(to, ["bullmq", "ioredis"]) && !from.startsWith("runtime/queue/") && !isTest(from),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it("keeps connectors data: JSON, JSONata and Markdown", () => {
    const wrong = files.filter((path) => path.startsWith("nodes/connectors/"));
    expect(wrong.filter((path) => ![".json", ".jsonata", ".md"].includes(extname(path)))).toEqual([]);
  });

  it("names files and folders after what they hold", () => {
    const vague = /^(utils?|helpers?|common|misc|shared|lib)(\.|$)/i;
    expect(files.filter((path) => path.split("/").some((part) => vague.test(part)))).toEqual([]);
  });

  it("imports by subpath across folders, relatively inside one", () => {
    const wrong = code
      .filter((from) => layerOf(from) in allowed)
      .flatMap((from) =>
        ts
          .preProcessFile(readFileSync(join(root, from), "utf8"), true, true)
          .importedFiles.filter(({ fileName }) => {
            const to = resolveImport(from, fileName);
            if (!["schemas", "nodes", "runtime"].includes(layerOf(to))) return false;
            return fileName.startsWith("#")
              ? layerOf(from) === layerOf(to) && dirname(from) === dirname(to)
              : layerOf(from) !== layerOf(to);
          })
          .map(({ fileName }) => `${from} imports ${fileName}`),
      );
    expect(wrong).toEqual([]);
  });

  it("keeps files to a reader's patience", () => {
    // The message catalogue is looked up, not read.
    const long = code.filter(
      (path) => !path.startsWith("designer/i18n/") && readFileSync(join(root, path), "utf8").split("\n").length > 401,
    );
    expect(long).toEqual([]);
  });

  it("names no path of a developer's machine", () => {
    const machinePath = /(^|["'`\s(=])(\/(work|root|Users|home)\/[a-z]|[A-Z]:\\Users\\)/m;
    const text = files.filter((path) => !/\.(png|jpe?g|ico|woff2?|gz)$/.test(path) && basename(path) !== "package-lock.json");
    expect(
      text.filter((path) => path !== "test/boundaries.test.ts" && machinePath.test(readFileSync(join(root, path), "utf8"))),
    ).toEqual([]);
  });
});

/** The files of ours that these load, themselves included; types are gone by then, but nothing else is. */
function reachable(start: string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const { from, to } of imports) if (from === path && code.includes(to)) queue.push(to);
  }
  return seen;
}
