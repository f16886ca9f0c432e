/** A version as far as it says whose work it is. */
export interface AuthoredVersion {
  number: number;
  createdBy: string;
  /** Who saved the draft that it was made of, or its samples, since the version before. */
  authors: readonly string[];
  /** Versions that the draft was restored from meanwhile. */
  restoredFrom: readonly number[];
}

/** What a promotion would run, in the place of what runs there. */
export interface Brought {
  version: number;
  /** Null where none runs. */
  base: number | null;
  requestedBy: string;
}

/**
 * Whose work a promotion brings. That is all that was done since the version that runs there, not the last change alone: the
 * work of every version between, and of what a draft among these was restored from. Of a version that is older than what
 * runs, since the one before it that `ran` there.
 */
export function authorsOf(
  { version, base, requestedBy }: Brought,
  versions: readonly AuthoredVersion[],
  ran: readonly number[],
): string[] {
  const before = (number: number): number =>
    base !== null && base < number ? base : Math.max(0, ...ran.filter((earlier) => earlier < number));
  const names = new Set([requestedBy]);
  const taken = new Set<number>();
  const open = [version];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    const since = before(number);
    for (const each of versions) {
      if (each.number > number || each.number <= since || taken.has(each.number)) continue;
      taken.add(each.number);
      for (const name of [each.createdBy, ...each.authors]) names.add(name);
      // What runs is approved, also where a draft was begun with it again.
      open.push(...each.restoredFrom.filter((from) => from !== base));
    }
  }
  return [...names].sort();
}
