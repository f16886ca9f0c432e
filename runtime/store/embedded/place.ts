import { createHash } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { access, chown, lstat, mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type Account, accountCan, accountFor } from "./account.ts";
import { type Binaries, copyBinaries, linkLibraries, program } from "./binaries.ts";

/** Where one embedded server stands. */
export interface Place {
  /** Data, log and, where needed, a copy of the programs. */
  folder: string;
  data: string;
  native: string;
  account: Account | undefined;
}

/** PostgreSQL holds paths in 1,024 bytes, with names of its own appended. */
const longestPath = 700;

/**
 * Chooses `${home}/postgres`, or a folder elsewhere when the account that runs PostgreSQL cannot reach the home (one
 * below a folder with mode 0700) or the path is too long. The choice is kept in `${home}/postgres/location`, so that
 * the data is found again when permissions change later.
 */
export async function findPlace(home: string, binaries: Binaries): Promise<Place> {
  const own = join(home, "postgres");
  await mkdir(own, { recursive: true, mode: 0o755 });
  const location = join(own, "location");
  const chosen = existsSync(location) ? (await readFile(location, "utf8")).trim() : undefined;
  const folder = chosen ?? own;
  const account = accountFor(dataOf(folder));
  if (await prepareFolder(folder, account)) return finish(folder, account, binaries);
  if (chosen || existsSync(join(own, "cluster"))) {
    throw new Error(
      `The database of this home is in ${folder}, which ${account?.name ?? "this user"} cannot write. Give that account access to it and start again.`,
    );
  }
  for (const base of fallbackBases()) {
    if (!(await isOursAlone(base))) continue;
    const elsewhere = join(base, createHash("sha256").update(home).digest("hex").slice(0, 16));
    await mkdir(elsewhere, { recursive: true, mode: 0o755 });
    if (!(await prepareFolder(elsewhere, account))) continue;
    await writeFile(location, `${elsewhere}\n`);
    return finish(elsewhere, account, binaries);
  }
  throw new Error(
    `No folder was found where ${account?.name ?? "this user"} can keep a database. Set ORDERLOOM_HOME or DATABASE_URL.`,
  );
}

/** The data folder proper; the folder above belongs to the account that runs PostgreSQL too, so that it can be renamed into place. */
const dataOf = (folder: string): string => join(folder, "cluster", "data");

/** Hands `folder/cluster` to the account and tells whether it can write there. */
async function prepareFolder(folder: string, account: Account | undefined): Promise<boolean> {
  if (Buffer.byteLength(folder) > longestPath) return false;
  if (!existsSync(folder)) return false;
  const cluster = join(folder, "cluster");
  await mkdir(cluster, { recursive: true, mode: 0o700 });
  if (account) await chown(cluster, account.uid, account.gid);
  const usable = account
    ? accountCan(account, "w", cluster)
    : await access(cluster, constants.W_OK).then(
        () => true,
        () => false,
      );
  // An empty folder is taken away again; one that holds data stays, and the caller says what is wrong.
  if (!usable) await rmdir(cluster).catch(() => undefined);
  return usable;
}

async function finish(folder: string, account: Account | undefined, binaries: Binaries): Promise<Place> {
  const usable =
    Buffer.byteLength(binaries.native) <= longestPath &&
    (await linkLibraries(binaries.native)) &&
    accountCan(account, "x", program(binaries.native, "postgres"));
  const native = usable ? binaries.native : await copyBinaries(binaries, folder);
  return { folder, data: dataOf(folder), native, account };
}

/** Best first. */
function fallbackBases(): string[] {
  const uid = process.getuid?.() ?? 0;
  const ofUser = uid === 0 ? [] : [join(homedir(), ".local", "share", "orderloom")];
  return ["/var/lib/orderloom", ...ofUser, join(tmpdir(), `orderloom-${uid}`)];
}

/** Makes the folder; a folder that others may write, as in a shared temporary folder, could be another user's trap. */
async function isOursAlone(base: string): Promise<boolean> {
  try {
    await mkdir(base, { recursive: true, mode: 0o755 });
    const { uid, mode } = await lstat(base);
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
  } catch {
    return false;
  }
}
