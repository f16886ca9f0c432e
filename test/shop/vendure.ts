import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { request } from "undici";
import { fromRoot } from "#runtime/root.ts";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { createEmptyDatabase } from "../support/database.ts";
import { until } from "../support/until.ts";

/** A shop that knows nothing of Orderloom, on a database of its own. */
export interface Vendure {
  url: string;
  user: string;
  password: string;
  /** Asks as its administrator; throws what Vendure refuses. */
  admin: Ask;
  /** Somebody with a browser of their own. */
  visitor(): Ask;
  stop(): Promise<void>;
}

/** Sends a query or mutation and gives its data. */
export type Ask = <Data>(query: string, variables?: object) => Promise<Data>;

const packages = ["@vendure/core@3.7.3", "pg@8.23.1"];
const home = fromRoot(process.env.ORDERLOOM_HOME ?? ".orderloom");
/** Kept between runs: its packages are 150 MB. */
const folder = join(home, "test-shop", packages.map((name) => name.replace(/[^a-z0-9.]+/gi, "-").replace(/^-/, "")).join("-"));
const INSTALL_MS = 300_000;

/** Why no Vendure can be started here; undefined when one can. The first time it is fetched. */
export async function vendureMissing(): Promise<string | undefined> {
  if (existsSync(folder)) return undefined;
  const making = `${folder}-${process.pid}`;
  try {
    await mkdir(making, { recursive: true });
    await writeFile(join(making, "package.json"), '{ "private": true }\n');
    const flags = ["--save-exact", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await promisify(execFile)("npm", ["install", ...flags, ...packages], { cwd: making, timeout: INSTALL_MS });
    await rename(making, folder);
    return undefined;
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    const said = (error as { stderr?: string }).stderr?.trim() || String(error);
    return `${packages[0]} could not be installed by npm: ${said.slice(0, 300)}`;
  }
}

const user = "superadmin";

/** Makes the database (some 10 seconds), starts the server and waits until it answers. */
export async function startVendure(): Promise<Vendure> {
  const [database, port, password] = [await createEmptyDatabase("vendure"), await freePort(), randomBytes(12).toString("hex")];
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [fileURLToPath(new URL("./vendureProcess.mjs", import.meta.url))], {
    // It writes a file of its own where it is started.
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env.PATH,
      // A test tells nobody that it ran.
      VENDURE_DISABLE_TELEMETRY: "true",
      SHOP_FOLDER: folder,
      SHOP_PORT: `${port}`,
      SHOP_DATABASE: database.url,
      SHOP_USER: user,
      SHOP_PASSWORD: password,
    },
  });
  const visitor = () => asker(`${url}/shop-api`);
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`Vendure ended with ${child.exitCode}.`);
      return visitor()("{ activeChannel { id } }").then(Boolean, () => false);
    },
    { timeoutMs: 120_000, everyMs: 200, what: "Vendure to answer" },
  );
  const admin = asker(`${url}/admin-api`);
  await admin("mutation ($user: String!, $password: String!) { login(username: $user, password: $password) { __typename } }", {
    user,
    password,
  });
  return {
    url,
    user,
    password,
    admin,
    visitor,
    async stop() {
      await end(child);
      await database.drop();
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

/** Keeps the session that Vendure gives with an answer. A result that is one of Vendure's error types is thrown, too. */
function asker(address: string): Ask {
  let token: string | undefined;
  return async <Data>(query: string, variables: object = {}) => {
    const { headers, body } = await request(address, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    token = headers["vendure-auth-token"]?.toString() ?? token;
    const { data, errors } = (await body.json()) as { data?: Data; errors?: unknown };
    const refused = Object.values(data ?? {}).find((value) => (value as { errorCode?: string } | null)?.errorCode !== undefined);
    if (errors !== undefined || refused !== undefined)
      throw new Error(`Vendure refused: ${JSON.stringify(errors ?? refused).slice(0, 500)}\n${query}`);
    return data as Data;
  };
}
