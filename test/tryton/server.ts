import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { createEmptyDatabase } from "../support/database.ts";
import { until } from "../support/until.ts";

/** A Tryton with the module for sales, on a database of its own. */
export interface Tryton {
  port: number;
  database: string;
  user: string;
  password: string;
  /** Calls a method as its administrator; throws what Tryton says. */
  call(method: string, ...params: unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** Why no Tryton can be started here; undefined when one can. */
export function trytonMissing(): string | undefined {
  if (spawnSync("trytond-admin", ["--version"]).status !== 0) {
    return "there is no trytond on this machine; on Debian: apt-get install tryton-server tryton-modules-sale python3-psycopg2";
  }
  const found = spawnSync("/usr/bin/python3", [
    "-c",
    "import importlib.util as util; assert util.find_spec('trytond.modules.sale')",
  ]);
  return found.status === 0 ? undefined : "its module for sales is missing; on Debian: apt-get install tryton-modules-sale";
}

const user = "admin";
const run = promisify(execFile);

/** Makes the database (some 15 seconds), starts the server and waits until it answers. */
export async function startTryton(): Promise<Tryton> {
  const database = await createEmptyDatabase("tryton");
  const folder = await mkdtemp(join(tmpdir(), "orderloom-tryton-"));
  const [port, password] = [await freePort(), randomBytes(12).toString("hex")];
  const { username, password: secret, host, pathname } = new URL(database.url);
  const [config, passwordFile] = [join(folder, "trytond.conf"), join(folder, "password")];
  await writeFile(
    config,
    `[database]\nuri = postgresql://${username}:${secret}@${host}/\nmax_conn = 12\n[web]\nlisten = 127.0.0.1:${port}\n`,
  );
  await writeFile(passwordFile, `${password}\n`);
  const name = pathname.slice(1);
  const install = ["-c", config, "-d", name, "-u", "sale", "--activate-dependencies", "--email", "admin@example.com", "-p"];
  await run("trytond-admin", install, { env: { ...process.env, TRYTONPASSFILE: passwordFile } });
  const child = spawn("trytond", ["-c", config], { stdio: "ignore" });
  const call = caller(`http://127.0.0.1:${port}/${name}/`, password);
  await until(() => call("model.res.user.search_count", [], {}).then(isAnswer, () => false), {
    timeoutMs: 30_000,
    what: "Tryton to answer",
  });
  return {
    port,
    database: name,
    user,
    password,
    call,
    async stop() {
      await end(child);
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const isAnswer = (value: unknown): boolean => value !== undefined;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

function caller(address: string, password: string): Tryton["call"] {
  let session: string | undefined;
  const ask = async (method: string, params: unknown[], authorization?: string): Promise<unknown> => {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
      body: JSON.stringify({ id: 1, method, params }),
    });
    if (!answer.ok) throw new Error(`Tryton answered ${method} with status ${answer.status}.`);
    const { result, error } = (await answer.json()) as { result?: unknown; error?: unknown };
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error).slice(0, 500)}`);
    return result;
  };
  return async (method, ...params) => {
    if (session === undefined) {
      const [id, key] = (await ask("common.db.login", [user, { password }])) as [number, string];
      session = `Session ${Buffer.from(`${user}:${id}:${key}`).toString("base64")}`;
    }
    return ask(method, params, session);
  };
}
