import { sha256 } from "#runtime/store/ids.ts";
import type { FileEntry } from "./folder.ts";

/** What a source of files keeps between two looks. */
export interface FileCursor {
  /** Files that were there at the last look and are not taken yet, as they were, by place and name. */
  seen: Record<string, Seen>;
  /** When the last look began that came to its end, ISO 8601. */
  asOf: string | null;
}

/** Size in bytes and time of change in milliseconds. */
type Seen = [size: number, modifiedAtMs: number];

export const newFiles: FileCursor = { seen: {}, asOf: null };

/** A file that a claim has renamed: `<id>~<name>`. Ids are UUIDv7, so claimed files sort by the time of their claim. */
const CLAIMED = /^[0-9a-f-]{36}~(.+)$/s;

export const claimedName = (id: string, name: string): string => `${id}~${name}`;

/** The name that a claimed file had; undefined for a file that no claim has put there. */
export const nameBefore = (claimed: string): string | undefined => CLAIMED.exec(claimed)?.[1];

/** Files that somebody still writes under another name, and what systems hide. */
const UNFINISHED = /^\.|~$|\.(part|partial|tmp|temp|filepart|crdownload)$/i;

/** Whether a file's name fits the node's pattern: `*` stands for any text, `?` for one character. Case does not matter. */
export const fits = (pattern: string, name: string): boolean =>
  !UNFINISHED.test(name) && matches(pattern.toLowerCase(), name.toLowerCase());

/** Our own, since a pattern with many stars must not take a regular expression's time: each star is tried once at most. */
export function matches(pattern: string, name: string): boolean {
  let [at, place] = [0, 0];
  let star: { pattern: number; name: number } | undefined;
  while (place < name.length) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = { pattern: at, name: place };
      at += 1;
    } else if (wanted === "?" || wanted === name[place]) {
      at += 1;
      place += 1;
    } else if (star) {
      star.name += 1;
      at = star.pattern + 1;
      place = star.name;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

/**
 * Which files have been the same in two looks one after the other, so that nobody writes to them any more, the oldest
 * first; and what is to be remembered of all.
 */
export function settled<T extends { key: string; entry: FileEntry }>(
  seen: FileCursor["seen"],
  found: readonly T[],
): { stable: T[]; seen: FileCursor["seen"] } {
  const same = ({ key, entry }: T): boolean => {
    const before = Object.hasOwn(seen, key) ? seen[key] : undefined;
    return before !== undefined && before[0] === entry.size && before[1] === entry.modifiedAtMs;
  };
  const stable = found.filter(same).sort((a, b) => a.entry.modifiedAtMs - b.entry.modifiedAtMs || (a.key < b.key ? -1 : 1));
  return { stable, seen: Object.fromEntries(found.map(({ key, entry }) => [key, [entry.size, entry.modifiedAtMs]])) };
}

/**
 * By what a file is known: the same file is taken once, whatever broke off in between; one that comes again under its
 * name with another content or a later time is another.
 */
export const fileKey = (path: string, { size, modifiedAtMs }: FileEntry, hash: string): string =>
  `file ${sha256(JSON.stringify([path, size, modifiedAtMs, hash]))}`;
