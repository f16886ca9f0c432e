import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { query } from "../../../test/support/query.ts";
import { until } from "../../../test/support/until.ts";
import { isAlive } from "./processes.ts";
import { type EmbeddedServer, startEmbedded } from "./start.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const isRoot = process.getuid?.() === 0;
const nobody = 65534;

const keep = (url: string, n: number) => query(url, `create table if not exists kept (n int); insert into kept values (${n})`);
const kept = async (url: string) => (await query(url, "select n from kept order by n")).map((row) => row.n);

describe("embedded PostgreSQL", () => {
  let base: string;
  let started: EmbeddedServer[];
  let extra: string[];
  const start = async (home: string, address?: string): Promise<EmbeddedServer> => {
    const server = await startEmbedded(home, address);
    started.push(server);
    return server;
  };

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "orderloom-embedded-"));
    await chmod(base, 0o755);
    started = [];
    extra = [];
  });
  afterEach(async () => {
    for (const server of started) await server.stop();
    for (const folder of [base, ...extra]) await rm(folder, { recursive: true, force: true });
  });

  it("keeps data over stop and start, in a path with spaces, on loopback only, durably", async () => {
    const home = join(base, "a home with spaces", "and 'quotes'");
    const first = await start(home);
    expect(first.adopted).toBe(false);
    await keep(first.url, 1);
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start(home);
    expect(await kept(second.url)).toEqual([1]);
    const settings = await query(
      second.url,
      "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'listen_addresses', 'max_connections', 'full_page_writes')",
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: "on",
      full_page_writes: "on",
      listen_addresses: "127.0.0.1",
      max_connections: "120",
      synchronous_commit: "on",
    });
    expect((await stat(join(home, "postgres", "password"))).mode & 0o777).toBe(0o600);
    await expect(query(second.url.replace(/:[^:@]+@/, ":wrong@"), "select 1")).rejects.toThrow("password authentication failed");
  });

  it("keeps what was committed when the server is killed", async () => {
    const home = join(base, "home");
    const first = await start(home);
    await keep(first.url, 7);
    process.kill(first.pid, "SIGKILL");
    await first.stop();
    const second = await start(home);
    expect(second.adopted).toBe(false);
    expect(await kept(second.url)).toEqual([7]);
  });

  it("starts over a stale pid file whose id another program got", async () => {
    const home = join(base, "home");
    const first = await start(home);
    const file = join(first.folder, "cluster", "data", "postmaster.pid");
    const text = await readFile(file, "utf8");
    await first.stop();
    await writeFile(file, text.replace(/^\d+/, String(process.ppid)));
    const second = await start(home);
    expect(second.adopted).toBe(false);
    expect(isAlive(process.ppid)).toBe(true);
  });

  it("refuses a second launch with the same home and names process and address", async () => {
    const home = join(base, "home");
    const first = await start(home, "http://127.0.0.1:7400");
    await expect(start(home)).rejects.toThrow(new RegExp(`already running.*process ${process.pid}, at http://127.0.0.1:7400`));
    await first.stop();
    await start(home);
  });

  it("runs twice at once on different homes", async () => {
    const [one, two] = await Promise.all([start(join(base, "one")), start(join(base, "two"))]);
    await keep(one.url, 1);
    await keep(two.url, 2);
    expect([await kept(one.url), await kept(two.url)]).toEqual([[1], [2]]);
  });

  it("runs in a path too long for PostgreSQL, in a folder elsewhere that it names", async () => {
    const home = join(base, ...Array.from({ length: 10 }, (_, n) => `${n}${"deep".repeat(30)}`));
    const server = await start(home);
    extra.push(server.folder);
    expect(server.folder.startsWith(base)).toBe(false);
    expect((await readFile(join(home, "postgres", "location"), "utf8")).trim()).toBe(server.folder);
    await keep(server.url, 3);
    await server.stop();
    expect(await kept((await start(home)).url)).toEqual([3]);
  });

  it("runs in a path longer than a socket's name may be, in place", async () => {
    const home = join(base, ...Array.from({ length: 3 }, (_, n) => `${n}${"deep".repeat(30)}`));
    expect((await start(home)).folder).toBe(join(home, "postgres"));
  });

  it.runIf(isRoot)("finds another folder when its account cannot reach the home, and keeps to it", async () => {
    const closed = join(base, "closed");
    await mkdir(closed, { mode: 0o700 });
    const home = join(closed, "home");
    const first = await start(home);
    extra.push(first.folder);
    expect(first.folder.startsWith(closed)).toBe(false);
    await keep(first.url, 5);
    await first.stop();
    await chmod(closed, 0o755);
    const second = await start(home);
    expect(second.folder).toBe(first.folder);
    expect(await kept(second.url)).toEqual([5]);
  });

  it("refuses data of another major version", async () => {
    const home = join(base, "home");
    const first = await start(home);
    await first.stop();
    await writeFile(join(first.folder, "cluster", "data", "PG_VERSION"), "17\n");
    await expect(start(home)).rejects.toThrow(/made by PostgreSQL 17, and this Orderloom brings PostgreSQL 18/);
  });
});

/** The module bundled, so that plain Node in another process (under another account) can run it. */
describe("embedded PostgreSQL in another process", () => {
  const script = join(root, "dist", `embedded.${process.pid}.test.mjs`);
  const running: ChildProcess[] = [];
  let base: string;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "orderloom-embedded-"));
    await chmod(base, 0o755);
    await mkdir(join(root, "dist"), { recursive: true });
    await build({
      stdin: {
        contents: `import { startEmbedded } from "./start.ts";
          const server = await startEmbedded(process.argv[2], "http://127.0.0.1:1");
          process.on("SIGTERM", () => server.stop().then(() => process.exit(0)));
          console.log(JSON.stringify(server));
          setInterval(() => {}, 1000);`,
        resolveDir: import.meta.dirname,
        loader: "ts",
      },
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      outfile: script,
      logLevel: "error",
    });
  });
  afterEach(async () => {
    for (const child of running.splice(0)) child.kill("SIGKILL");
    await rm(base, { recursive: true, force: true });
  });
  afterAll(() => rm(script, { force: true }));

  const launch = async (home: string, uid?: number) => {
    const child = spawn(process.execPath, [script, home], { stdio: ["ignore", "pipe", "pipe"], ...(uid && { uid, gid: uid }) });
    running.push(child);
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const line = await until(() => /^\{.*\}$/m.exec(output)?.[0], {
      what: `the server in ${home}; it said ${output}`,
      timeoutMs: 20_000,
    });
    return { child, server: JSON.parse(line) as EmbeddedServer };
  };
  const gone = (pid: number) => until(() => !isAlive(pid), { what: `the end of process ${pid}` });

  it("takes over the server of a launch that was killed, and frees its home", async () => {
    const home = join(base, "home");
    const { child, server } = await launch(home);
    await keep(server.url, 9);
    await expect(startEmbedded(home)).rejects.toThrow(`process ${child.pid}`);
    child.kill("SIGKILL");
    await gone(child.pid ?? 0);
    expect(isAlive(server.pid)).toBe(true);
    const next = await startEmbedded(home);
    expect(next).toMatchObject({ adopted: true, pid: server.pid });
    expect(await kept(next.url)).toEqual([9]);
    await next.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(join(home, "lock"))).toBe(false);
  });

  it.runIf(isRoot)("runs as an ordinary user", async () => {
    const home = join(base, "home");
    await mkdir(home);
    await chown(home, nobody, nobody);
    const { child, server } = await launch(home, nobody);
    await keep(server.url, 4);
    expect((await stat(join(server.folder, "cluster", "data"))).uid).toBe(nobody);
    child.kill("SIGTERM");
    await gone(child.pid ?? 0);
    expect(isAlive(server.pid)).toBe(false);
  });
});
