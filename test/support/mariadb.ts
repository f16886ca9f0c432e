import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { until } from "./until.ts";

/** A MariaDB on a folder of its own, with one database and a user who owns it. */
export interface MariaDb {
  port: number;
  database: string;
  user: string;
  password: string;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again on what its files hold. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Why no MariaDB can be started here; undefined when one can. */
export const mariaDbMissing = (): string | undefined =>
  ["mariadbd", "mariadb-install-db"].every((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0)
    ? undefined
    : "there is no mariadbd on this machine; on Debian: apt-get install mariadb-server";

const [database, user, password] = ["shop", "orderloom", "a-password"];
const firstStatements = `create database ${database};
create user ${user}@'127.0.0.1' identified by '${password}';
grant all on ${database}.* to ${user}@'127.0.0.1';
`;

/** Two seconds, most of them for its own tables. */
export async function startMariaDb(): Promise<MariaDb> {
  const [folder, port] = [await mkdtemp(join(tmpdir(), "orderloom-mariadb-")), await freePort()];
  const [data, statements] = [join(folder, "data"), join(folder, "first.sql")];
  await writeFile(statements, firstStatements);
  // Of root it asks that root is meant.
  const as = process.getuid?.() === 0 ? ["--user=root"] : [];
  const own = ["--no-defaults", `--datadir=${data}`, ...as];
  await promisify(execFile)("mariadb-install-db", [...own, "--auth-root-authentication-method=normal", "--skip-test-db"]);
  const address = ["--bind-address=127.0.0.1", `--port=${port}`, `--socket=${join(folder, "socket")}`, "--skip-name-resolve"];
  const small = ["--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--performance-schema=off"];
  let child: ChildProcess;
  const start = async (more: string[] = []): Promise<void> => {
    child = spawn("mariadbd", [...own, ...address, ...small, ...more], { stdio: "ignore" });
    await until(() => listens(port), { timeoutMs: 30_000, everyMs: 25, what: "MariaDB to listen" });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  await start([`--init-file=${statements}`]);
  return {
    port,
    database,
    user,
    password,
    kill: () => end("SIGKILL"),
    start: () => start(),
    async stop() {
      await end("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => {
      resolve(false);
    });
    socket.once("data", () => socket.destroy());
  });
