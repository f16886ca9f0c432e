import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Partner, WrittenFile } from "./partner.ts";

/** How often a partner looks into its folder: often enough for a test to wait for it. */
const LOOK_MS = 200;

/** What a file is called until all of it is there, by whoever writes it. */
const PART = ".part";

/** Where a partner puts what it has taken, and what it could not read. */
const TAKEN = "taken";
const REFUSED = "refused";

export interface PartnerFolder {
  /** Puts a file there: whole under another name first, as a careful partner does. */
  put(file: WrittenFile): Promise<void>;
  close(): Promise<void>;
}

/**
 * Lets a partner look into a folder again and again. A file is answered first and moved away then: one that breaks off in
 * between answers it once more, by the same files.
 */
export function watchPartner(partner: Partner, root: string, failed: (error: unknown) => void): PartnerFolder {
  const put = async ({ path, text }: WrittenFile): Promise<void> => {
    const place = join(root, path);
    await mkdir(join(place, ".."), { recursive: true });
    await writeFile(place + PART, text);
    await rename(place + PART, place);
  };
  const away = async (path: string, folder: string): Promise<void> => {
    const { dir, base } = posix.parse(path);
    await mkdir(join(root, dir, folder), { recursive: true });
    await rename(join(root, path), join(root, dir, folder, base));
  };
  const handle = async (path: string): Promise<void> => {
    const taken = await partner.take({ path, bytes: await readFile(join(root, path)) });
    if (!taken) return;
    if (!taken.ok) {
      await away(path, REFUSED);
      const { dir, base } = posix.parse(path);
      return put({ path: posix.join(dir, REFUSED, `${base}.reason.txt`), text: `${taken.why}\n` });
    }
    for (const answer of taken.answers) await put(answer);
    await away(path, TAKEN);
  };
  const look = async (): Promise<void> => {
    for (const folder of partner.folders) {
      await mkdir(join(root, folder), { recursive: true });
      for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
        if (entry.isFile() && !entry.name.endsWith(PART)) await handle(posix.join(folder, entry.name));
      }
    }
  };
  let looking: Promise<void> = Promise.resolve();
  let idle = true;
  const timer = setInterval(() => {
    if (!idle) return;
    idle = false;
    looking = look()
      .catch(failed)
      .finally(() => {
        idle = true;
      });
  }, LOOK_MS);
  return {
    put,
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}
