import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, realpath, rename, writeFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { type FileEntry, type FilePlace, type Folder, FolderFailure, workFolders } from "./folder.ts";

/** Anew and whole; refused where a link lies in the file's place, which may lead anywhere. */
const WRITE_NO_LINK = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code));

/**
 * Opens a folder below `root`, the one place of this machine that flows may read. Neither `..` nor a link leads out of
 * it. Throws FolderFailure where the folder cannot be used.
 */
export async function openLocalFolder(root: string, parts: readonly string[]): Promise<Folder> {
  await mkdir(root, { recursive: true });
  const ground = await realpath(root);
  const base = await confined(ground, resolve(ground, ...parts.map((part) => `./${part}`)));
  const pathOf = ({ folder, name }: FilePlace): string => join(base, folder, name);

  return {
    async list(folder) {
      const entries: FileEntry[] = [];
      for (const entry of await readdir(join(base, folder), { withFileTypes: true })) {
        // A link may lead anywhere.
        if (!entry.isFile()) continue;
        const found = await lstat(join(base, folder, entry.name)).catch(() => undefined);
        if (found?.isFile()) entries.push({ name: entry.name, size: found.size, modifiedAtMs: found.mtimeMs });
      }
      return entries;
    },
    async read(place, most) {
      try {
        // Refused where somebody has put a link in the file's place meanwhile.
        const file = await open(pathOf(place), constants.O_RDONLY | constants.O_NOFOLLOW);
        try {
          const buffer = Buffer.alloc(Math.min(most + 1, (await file.stat()).size + 1));
          let length = 0;
          for (let read = -1; read !== 0 && length < buffer.length; length += read) {
            read = (await file.read(buffer, length, buffer.length - length)).bytesRead;
          }
          return buffer.subarray(0, length);
        } finally {
          await file.close();
        }
      } catch (error) {
        if (isCode(error, "ENOENT", "ELOOP")) return undefined;
        throw error;
      }
    },
    async move(from, to) {
      try {
        await rename(pathOf(from), pathOf(to));
        return true;
      } catch (error) {
        if (isCode(error, "ENOENT")) return false;
        throw error;
      }
    },
    write: (place, content) => writeFile(pathOf(place), content, { flag: WRITE_NO_LINK }),
    replace: (from, to) => rename(pathOf({ folder: "", name: from }), pathOf({ folder: "", name: to })),
    async prepare() {
      for (const name of workFolders) {
        await mkdir(join(base, name), { recursive: true });
        await confined(ground, join(base, name));
      }
    },
    async close() {},
  };
}

async function confined(ground: string, path: string): Promise<string> {
  const real = await realpath(path).catch((error: unknown) => {
    if (!isCode(error, "ENOENT", "ENOTDIR")) throw error;
    throw unusable(
      `There is no folder ${relative(ground, path) || "."} below the folder for files.`,
      "Make it, or correct the connection.",
    );
  });
  const way = relative(ground, real);
  if (way === ".." || way.startsWith("../") || isAbsolute(way)) {
    throw unusable(
      `The folder ${relative(ground, path)} leads out of the folder for files.`,
      "Name a folder below it; a link to another place does not do.",
    );
  }
  return real;
}

const unusable = (message: string, hint: string): FolderFailure =>
  new FolderFailure({ class: "rejected", reason: { code: "folder.unusable", message, hint } });
