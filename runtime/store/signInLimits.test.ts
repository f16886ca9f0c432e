import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Counted, limitsOf, type SignInLimit, secondsToWait, signInLimits, WINDOW_SECONDS } from "./signInLimits.ts";

interface Try {
  at: number;
  address: string;
  known?: boolean;
}

/** The tries at one account that are let through, each counted by what it counts against; in the order of their times, within a window. */
function letThrough(tries: readonly Try[]): Try[] {
  const counts = new Map<string, { tries: number; since: number }>();
  return tries.filter(({ at, address, known = false }) => {
    const keys = limitsOf(known).map((limit) => [limit, limit === "account" ? limit : `${limit} ${address}`] as const);
    const counted = keys.map(([limit, key]): Counted => {
      const { tries: made, since } = counts.get(key) ?? { tries: 0, since: at };
      return { limit, tries: made, elapsedSeconds: at - since };
    });
    if (secondsToWait(counted) > 0) return false;
    for (const [, key] of keys) {
      const { tries: made, since } = counts.get(key) ?? { tries: 0, since: at };
      counts.set(key, { tries: made + 1, since });
    }
    return true;
  });
}

const everySecond = (address: (second: number) => string): Try[] =>
  Array.from({ length: WINDOW_SECONDS }, (_, at) => ({ at, address: address(at) }));

describe("tries to sign in", () => {
  it("are ten from one address, and until the window is over none more", () => {
    expect(letThrough(everySecond(() => "guesser"))).toHaveLength(signInLimits.pair.most);
    expect(secondsToWait([{ limit: "pair", tries: 10, elapsedSeconds: 100 }])).toBe(WINDOW_SECONDS - 100);
    expect(secondsToWait([{ limit: "address", tries: 50, elapsedSeconds: 899.5 }])).toBe(1);
  });

  it("are a few a minute from as many addresses as somebody has", () => {
    expect(letThrough(everySecond((second) => `bot ${second}`))).toHaveLength(59);
    expect(secondsToWait([{ limit: "account", tries: 30, elapsedSeconds: 20 }])).toBe(10);
  });

  it("incident: somebody locks an account out; its owner signs in from a known address at once, from another within half a minute", () => {
    const guesses = everySecond((second) => `bot ${second}`);
    const owner = { at: 700, address: "office", known: true };
    const traveller = Array.from({ length: 32 }, (_, second) => ({ at: 700 + second, address: "hotel" }));
    const through = letThrough(
      [...guesses, owner, ...traveller].sort((a, b) => a.at - b.at || a.address.localeCompare(b.address)),
    );
    expect(through).toContain(owner);
    // Of an address that nobody knows, whoever comes first when the next try is due; nobody waits for the window's end.
    const waits = through.filter(({ at, address }) => at > 30 && address !== "office").map(({ at }) => at);
    for (const [index, at] of waits.slice(1).entries()) expect(at - (waits[index] ?? 0)).toBeLessThanOrEqual(30);
  });

  it("of a colleague behind the owner's address slow the owner down, and shut out nobody", () => {
    const through = letThrough(everySecond(() => "office").map((each) => ({ ...each, known: true })));
    expect(through).toHaveLength(39);
    expect(secondsToWait([{ limit: "knownPair", tries: 39, elapsedSeconds: 890 }])).toBeLessThanOrEqual(30);
  });

  it("never wait longer than the window, and never count while they wait", () => {
    const limit = fc.constantFrom(...(Object.keys(signInLimits) as SignInLimit[]));
    const counted = fc.record({
      limit,
      tries: fc.nat(200),
      elapsedSeconds: fc.double({ min: 0, max: WINDOW_SECONDS, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(counted, { maxLength: 3 }), (all) => {
        const wait = secondsToWait(all);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(WINDOW_SECONDS);
        if (all.every(({ limit: of, tries }) => tries < signInLimits[of].most)) expect(wait).toBe(0);
      }),
    );
  });
});
