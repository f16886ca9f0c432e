import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** A key of 32 bytes, and the id by which what it sealed names it. */
export interface SecretKey {
  id: Buffer;
  bytes: Buffer;
}

export const KEY_ID_BYTES = 8;
const KEY_BYTES = 32;

/** The keys of an installation: the first seals, all open. */
export interface KeyRing {
  source: "file" | "environment";
  current(): SecretKey;
  /** By its id; undefined for one that is not here. */
  find(id: Uint8Array): SecretKey | undefined;
  all(): readonly SecretKey[];
  /** Puts a new key in front; the others go on opening. False where keys come from the environment. */
  add(): boolean;
  /** Leaves only the first. False where keys come from the environment. */
  retire(): boolean;
}

function secretKey(bytes: Buffer): SecretKey {
  if (bytes.length !== KEY_BYTES) throw new Error("The secret key must have 32 bytes (64 hex digits).");
  return { id: createHash("sha256").update("orderloom key id").update(bytes).digest().subarray(0, KEY_ID_BYTES), bytes };
}

/** The keys in a text. Throws a sentence for one that holds none. */
function keysIn(text: string, source: string): readonly SecretKey[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0 || words.some((word) => !/^[0-9a-f]{64}$/i.test(word)))
    throw new Error(`${source} must hold keys of 64 hex digits each, the one in use first.`);
  return words.map((word) => secretKey(Buffer.from(word, "hex")));
}

/**
 * The installation's keys: `ORDERLOOM_SECRET_KEY`, or the file `secret.key` in the home folder, made on first use and
 * readable by its owner alone. Processes on several machines must share them.
 */
export function openKeyRing(home: string, fromEnvironment: string | undefined = process.env.ORDERLOOM_SECRET_KEY): KeyRing {
  if (fromEnvironment) {
    const keys = keysIn(fromEnvironment, "ORDERLOOM_SECRET_KEY");
    return ringOf(
      "environment",
      () => keys,
      () => false,
    );
  }
  const file = join(home, "secret.key");
  mkdirSync(home, { recursive: true });
  if (!existsSync(file)) makeOnce(file);
  return ringOf("file", watched(file), (keys) => replace(file, keys));
}

function ringOf(
  source: KeyRing["source"],
  all: () => readonly SecretKey[],
  replaceBy: (keys: readonly SecretKey[]) => boolean,
): KeyRing {
  const current = (): SecretKey => all()[0] as SecretKey;
  return {
    source,
    current,
    all,
    find: (id) => all().find((key) => key.id.equals(id)),
    add: () => replaceBy([secretKey(randomBytes(KEY_BYTES)), ...all()]),
    retire: () => replaceBy([current()]),
  };
}

/** Reads the file again when it is another than before: keys change while processes run. */
function watched(file: string): () => readonly SecretKey[] {
  let seen: { mark: string; keys: readonly SecretKey[] } | undefined;
  return () => {
    const { mtimeMs, ino, size } = statSync(file);
    const mark = `${mtimeMs} ${ino} ${size}`;
    if (seen?.mark !== mark) seen = { mark, keys: keysIn(readFileSync(file, "utf8"), file) };
    return seen.keys;
  };
}

/** Written aside and linked, so that a process that starts at the same moment never reads half a key. */
function makeOnce(file: string): void {
  const made = written(file, [secretKey(randomBytes(KEY_BYTES))]);
  try {
    linkSync(made, file);
    settle(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(made, { force: true });
  }
}

function replace(file: string, keys: readonly SecretKey[]): boolean {
  renameSync(written(file, keys), file);
  settle(file);
  return true;
}

/** The name on the disk as well, before anything is sealed with what stands under it. */
function settle(file: string): void {
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A file beside it with these keys, safe on the disk: a key must outlast what it sealed. */
function written(file: string, keys: readonly SecretKey[]): string {
  const made = `${file}.${process.pid}`;
  const handle = openSync(made, "w", 0o600);
  try {
    writeSync(handle, keys.map(({ bytes }) => `${bytes.toString("hex")}\n`).join(""));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return made;
}
