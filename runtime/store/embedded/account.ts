import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";

/** The operating system account that runs PostgreSQL, which refuses to run as root. */
export interface Account {
  uid: number;
  gid: number;
  name: string;
}

const idOf = (flag: "-u" | "-g", name: string): number | undefined => {
  const { status, stdout } = spawnSync("id", [flag, name], { encoding: "utf8" });
  return status === 0 ? Number(stdout.trim()) : undefined;
};

/**
 * Whom to become before PostgreSQL starts: nobody else unless we are root; then the owner of an existing data folder,
 * the `postgres` account, or `nobody`.
 */
export function accountFor(data: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(data, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: `uid ${owner.uid}` };
  for (const name of ["postgres", "nobody"]) {
    const uid = idOf("-u", name);
    const gid = idOf("-g", name);
    if (uid && gid) return { uid, gid, name };
  }
  throw new Error(
    "PostgreSQL does not run as root, and there is neither an account postgres nor nobody. Start Orderloom as an ordinary user, or set DATABASE_URL.",
  );
}

/** What to pass to spawn so that a child runs as this account. */
export const asAccount = (account: Account | undefined): { uid?: number; gid?: number } =>
  account ? { uid: account.uid, gid: account.gid } : {};

/** Whether that account can do this with the path; asked of the kernel, which knows about every folder above. */
export function accountCan(account: Account | undefined, test: "x" | "w", path: string): boolean {
  if (!account) return true;
  const { status } = spawnSync("/bin/sh", ["-c", `test -${test} "$1" && cd "$(dirname "$1")"`, "sh", path], {
    cwd: "/",
    ...asAccount(account),
  });
  return status === 0;
}
