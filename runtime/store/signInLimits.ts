/** How long tries are counted together, from the first of them. */
export const WINDOW_SECONDS = 15 * 60;

interface Limit {
  /** Tries that are free within a window. */
  most: number;
  /** After those one more in so many seconds; null for none until the window is over. */
  everySeconds: number | null;
}

/**
 * Whoever guesses is held up, and who owns the account is not locked out by that.
 *
 * - `pair`: one name from one address. Nobody mistypes ten times more often, and a guesser gets a thousand a day, of passwords with 12 characters or
 *   more. It shuts out nobody at another address.
 * - `knownPair`: the same from where the account has signed in lately. A colleague behind the same address could guess too, so it slows down; but
 *   its owner is never kept waiting longer than for the next try.
 * - `address`: any names from one address. An office stands behind one.
 * - `account`: one name from all addresses that it is not known from, which somebody may have thousands of. It only slows down: were it shut, anybody
 *   could shut out anybody. At most 60 tries in a window, 5,760 a day, whatever the number of addresses.
 */
export const signInLimits = {
  pair: { most: 10, everySeconds: null },
  knownPair: { most: 10, everySeconds: 30 },
  address: { most: 50, everySeconds: null },
  account: { most: 30, everySeconds: 30 },
} as const satisfies Record<string, Limit>;

export type SignInLimit = keyof typeof signInLimits;

/** What is counted of a try: an address that the account is known from has no part in what others do to it. */
export const limitsOf = (known: boolean): SignInLimit[] => (known ? ["knownPair", "address"] : ["pair", "address", "account"]);

/** Tries that count against a limit, and how long ago its window began. */
export interface Counted {
  limit: SignInLimit;
  tries: number;
  elapsedSeconds: number;
}

/**
 * The seconds to wait before another try; 0 where it may be made, and counts then. One that has to wait does not count: else whoever goes on trying
 * would make the owner wait ever longer.
 */
export const secondsToWait = (counted: readonly Counted[]): number => Math.max(0, ...counted.map(waitOf));

function waitOf({ limit, tries, elapsedSeconds }: Counted): number {
  const { most, everySeconds }: Limit = signInLimits[limit];
  if (tries < most) return 0;
  const over = WINDOW_SECONDS - elapsedSeconds;
  if (everySeconds === null) return Math.max(1, Math.ceil(over));
  const due = (tries - most + 1) * everySeconds - elapsedSeconds;
  return Math.max(0, Math.ceil(Math.min(due, over)));
}
