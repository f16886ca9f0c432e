import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import type { AddressInfo } from "node:net";
import { join, posix } from "node:path";
import ssh2, { type Attributes, type Connection, type SFTPWrapper } from "ssh2";

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;

/** A real SFTP server on loopback, over a folder of this machine. */
export interface TestSftp {
  port: number;
  /** Fingerprint of its key, as ssh-keygen prints it. */
  hostKey: string;
  close(): Promise<void>;
}

export const sftpUser = { username: "partner", password: "partner-password" };

export async function startSftp(root: string): Promise<TestSftp> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const key = ssh2.utils.parseKey(pem);
  if (key instanceof Error) throw key;
  const clients = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [pem] }, (client) => {
    clients.add(client);
    client.on("error", () => {});
    client.on("close", () => clients.delete(client));
    client.on("authentication", (ask) => {
      const known = ask.method === "password" && ask.username === sftpUser.username && ask.password === sftpUser.password;
      if (known) ask.accept();
      else ask.reject(["password"]);
    });
    client.on("session", (accept) => accept().on("sftp", (take) => serve(take(), root)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: `SHA256:${createHash("sha256").update(key.getPublicSSH()).digest("base64").replace(/=+$/, "")}`,
    async close() {
      for (const client of clients) client.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type Open = { file: number } | { names: string[]; path: string };

function serve(sftp: SFTPWrapper, root: string): void {
  const open = new Map<number, Open>();
  let last = 0;
  const pathOf = (path: string): string => join(root, posix.normalize(`/${path}`));
  const attributes = (stats: fs.Stats): Attributes => ({
    mode: stats.mode,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    atime: Math.floor(stats.atimeMs / 1000),
    mtime: Math.floor(stats.mtimeMs / 1000),
  });
  const handleOf = (value: Open): Buffer => {
    last += 1;
    open.set(last, value);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(last);
    return handle;
  };
  const found = (handle: Buffer): Open | undefined => open.get(handle.readUInt32BE());
  /** Does the work, and answers what went wrong with it as a server does. */
  const answer = (id: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      sftp.status(id, code === "ENOENT" ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE);
    }
  };
  const ok = (id: number): void => sftp.status(id, STATUS_CODE.OK);

  sftp.on("REALPATH", (id, path) => {
    const filename = posix.normalize(`/${path}`);
    sftp.name(id, [{ filename, longname: filename, attrs: {} as Attributes }]);
  });
  for (const event of ["STAT", "LSTAT"] as const) {
    sftp.on(event as "STAT", (id, path) => answer(id, () => sftp.attrs(id, attributes(fs.lstatSync(pathOf(path))))));
  }
  sftp.on("FSTAT", (id, handle) =>
    answer(id, () => {
      const at = found(handle);
      if (at && "file" in at) sftp.attrs(id, attributes(fs.fstatSync(at.file)));
    }),
  );
  sftp.on("OPENDIR", (id, path) =>
    answer(id, () => sftp.handle(id, handleOf({ names: fs.readdirSync(pathOf(path)), path: pathOf(path) }))),
  );
  sftp.on("READDIR", (id, handle) =>
    answer(id, () => {
      const at = found(handle);
      const names = at && "names" in at ? at.names.splice(0) : [];
      if (!at || !("names" in at) || names.length === 0) return sftp.status(id, STATUS_CODE.EOF);
      sftp.name(
        id,
        names.map((filename) => {
          const stats = fs.lstatSync(join(at.path, filename));
          return {
            filename,
            longname: `${stats.isDirectory() ? "d" : "-"}rw-r--r-- 1 u g 0 ${filename}`,
            attrs: attributes(stats),
          };
        }),
      );
    }),
  );
  sftp.on("OPEN", (id, path, flags) =>
    answer(id, () => {
      const file = fs.openSync(pathOf(path), flags & OPEN_MODE.WRITE ? "w" : "r");
      sftp.handle(id, handleOf({ file }));
    }),
  );
  sftp.on("READ", (id, handle, offset, length) =>
    answer(id, () => {
      const at = found(handle);
      if (!at || !("file" in at)) return sftp.status(id, STATUS_CODE.FAILURE);
      const buffer = Buffer.alloc(length);
      const read = fs.readSync(at.file, buffer, 0, length, offset);
      if (read === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, read));
    }),
  );
  sftp.on("WRITE", (id, handle, offset, data) =>
    answer(id, () => {
      const at = found(handle);
      if (at && "file" in at) fs.writeSync(at.file, data, 0, data.length, offset);
      ok(id);
    }),
  );
  sftp.on("CLOSE", (id, handle) =>
    answer(id, () => {
      const at = found(handle);
      if (at && "file" in at) fs.closeSync(at.file);
      open.delete(handle.readUInt32BE());
      ok(id);
    }),
  );
  sftp.on("RENAME", (id, from, to) =>
    answer(id, () => {
      // As servers do it: never over another file.
      if (fs.existsSync(pathOf(to))) return sftp.status(id, STATUS_CODE.FAILURE);
      fs.renameSync(pathOf(from), pathOf(to));
      ok(id);
    }),
  );
  sftp.on("REMOVE", (id, path) =>
    answer(id, () => {
      fs.rmSync(pathOf(path));
      ok(id);
    }),
  );
  sftp.on("MKDIR", (id, path) =>
    answer(id, () => {
      fs.mkdirSync(pathOf(path));
      ok(id);
    }),
  );
}
