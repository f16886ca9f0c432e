import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { posix } from "node:path";
import { connectWithin, OutOfReach, type Reach } from "#runtime/reach/reach.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { type FileEntry, type FilePlace, type Folder, FolderFailure, workFolders } from "./folder.ts";

/** A server that cannot be reached within this is tried again later. */
const CONNECT_TIMEOUT_MS = 10_000;

/** SFTP's own codes: no such file, and the library's for an address that is none. */
const noFile = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === 2 || error.code === "ENOENT");

/** What a connection of the `sftp` connector holds. */
interface SftpSettings {
  host: string;
  port: number;
  username: string;
  folder: string;
  /** `SHA256:` and the fingerprint of the server's key, as `ssh-keygen -lf` prints it. */
  hostKey: string;
}

/**
 * Opens a folder on an SFTP server. The server must show the key that the connection names, so that nobody in between
 * gets the credentials. Throws FolderFailure.
 */
export async function openSftpFolder(connection: OpenConnection, parts: readonly string[], reach: Reach): Promise<Folder> {
  const { host, port, username, folder, hostKey } = settingsOf(connection.config);
  const { password, privateKey, passphrase } = connection.secrets;
  let shown: string | undefined;
  // A fifth of what a process needs to start, and most have no such source.
  const { default: SftpClient } = await import("ssh2-sftp-client");
  const client = new SftpClient();
  // What breaks shows in the call under way; an error of an idle connection must not end the process.
  client.on("error", () => {});
  let sock: Socket | undefined;
  try {
    sock = await connectWithin(reach, { host, port }, CONNECT_TIMEOUT_MS);
    await client.connect({
      sock,
      username,
      ...(password ? { password } : {}),
      ...(privateKey ? { privateKey } : {}),
      ...(passphrase ? { passphrase } : {}),
      readyTimeout: CONNECT_TIMEOUT_MS,
      hostVerifier: (key: Buffer) => {
        shown = fingerprint(key);
        return shown === withoutPadding(hostKey);
      },
    });
  } catch (error) {
    await client.end().catch(() => {});
    // A key that cannot be read fails before the library takes the socket.
    sock?.destroy();
    throw notOpened(connection.name, error, shown !== undefined && shown !== withoutPadding(hostKey) ? shown : undefined);
  }
  const base = posix.join(folder || ".", ...parts.map((part) => `./${part}`));
  const pathOf = ({ folder: within, name }: FilePlace): string => posix.join(base, within, name);
  const work = <T>(step: Promise<T>): Promise<T> =>
    step.catch((error: unknown) => {
      throw broken(connection.name, error);
    });
  return {
    async list(within) {
      const listing = await work(client.list(posix.join(base, within)));
      return listing.flatMap(({ type, name, size, modifyTime }): FileEntry[] =>
        type === "-" && isPlainName(name) ? [{ name, size, modifiedAtMs: modifyTime }] : [],
      );
    },
    async read(place, most) {
      try {
        // `end` counts the last byte itself.
        const readStreamOptions = { autoClose: true, end: most };
        const got = await client.get(pathOf(place), undefined, { readStreamOptions });
        return Buffer.isBuffer(got) ? got : undefined;
      } catch (error) {
        if (noFile(error)) return undefined;
        throw broken(connection.name, error);
      }
    },
    async move(from, to) {
      try {
        await client.rename(pathOf(from), pathOf(to));
        return true;
      } catch (error) {
        if (noFile(error)) return false;
        throw broken(connection.name, error);
      }
    },
    write: async (place, content) => {
      await work(client.put(typeof content === "string" ? Buffer.from(content) : content, pathOf(place)));
    },
    async replace(from, to) {
      const [old, now] = [from, to].map((name) => pathOf({ folder: "", name })) as [string, string];
      // SFTP itself renames over nothing; OpenSSH's extension does, and where it is not known the old file goes first.
      await client.posixRename(old, now).catch(async () => {
        await client.delete(now, true);
        await work(client.rename(old, now));
      });
    },
    async prepare() {
      for (const name of workFolders) {
        const path = posix.join(base, name);
        if (!(await work(client.exists(path)))) await work(client.mkdir(path));
      }
    },
    async close() {
      await client.end().catch(() => {});
    },
  };
}

/** A server may say anything; a name is never taken for a way. */
const isPlainName = (name: string): boolean => name !== "" && name !== "." && name !== ".." && !/[/\\\0]/.test(name);

const fingerprint = (key: Buffer): string => withoutPadding(`SHA256:${createHash("sha256").update(key).digest("base64")}`);
const withoutPadding = (text: string): string => text.trim().replace(/=+$/, "");

function settingsOf(config: Record<string, unknown>): SftpSettings {
  const text = (name: string): string => (typeof config[name] === "string" ? config[name] : "");
  const port = typeof config.port === "number" ? config.port : 22;
  return { host: text("host"), port, username: text("username"), folder: text("folder"), hostKey: text("hostKey") };
}

function notOpened(name: string, error: unknown, otherKey: string | undefined): FolderFailure {
  if (otherKey !== undefined) {
    const message = `The server of ${name} shows the key ${otherKey}, which is not the one of the connection.`;
    const hint = "Ask whoever runs the server which key is right, then correct the connection and resume it.";
    return new FolderFailure({ class: "auth", reason: { code: "sftp.hostKey", message, hint } }, error);
  }
  if (error instanceof OutOfReach) {
    const reason = { code: "sftp.outOfReach", message: `${name} leads where it may not: ${error.message}`, hint: error.hint };
    return new FolderFailure({ class: "auth", reason }, error);
  }
  const said = sentence(error);
  if (/authentication/i.test(said)) {
    const hint = "Check user name, password or key of the connection, then resume it.";
    return new FolderFailure(
      { class: "auth", reason: { code: "sftp.refused", message: `${name} refused the credentials: ${said}`, hint } },
      error,
    );
  }
  return broken(name, error);
}

function broken(name: string, error: unknown): FolderFailure {
  if (noFile(error)) {
    const message = `${name} has no such folder: ${sentence(error)}`;
    return new FolderFailure(
      {
        class: "rejected",
        reason: { code: "folder.unusable", message, hint: "Make it there, or correct the connection or the node." },
      },
      error,
    );
  }
  const message = `${name} could not be worked with: ${sentence(error)}`;
  return new FolderFailure({ class: "transient", reason: { code: "sftp.broken", message } }, error);
}

const sentence = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
};
