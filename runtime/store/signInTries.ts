import ipaddr from "ipaddr.js";
import { sql, type Transaction } from "kysely";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { sha256 } from "./ids.ts";
import { type Counted, limitsOf, type SignInLimit, secondsToWait, signInLimits, WINDOW_SECONDS } from "./signInLimits.ts";
import type { Database } from "./tables.ts";

/** An account is known from an address for so long after it has signed in there: a month's leave is not forgotten. */
const KNOWN_DAYS = 35;

/** A name that is nobody's counts too, and is not kept as it was typed: it may be a password in the wrong field. */
const keyOf = (limit: SignInLimit, name: string, address: string): string =>
  ({
    pair: `pair ${sha256(name)} ${address}`,
    knownPair: `pair ${sha256(name)} ${address}`,
    address: `address ${address}`,
    account: `account ${sha256(name)}`,
  })[limit];

/** Of IPv6 the first 64 bits: whoever has one such address has all behind them. */
function neighbourhood(address: string): string {
  if (!ipaddr.IPv6.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? `${parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(":")}::/64`
    : parsed.toString();
}

/**
 * Counts a try before its password is looked at, so that many at once do not get past. Answers the seconds to wait when
 * there were too many. Own SQL and no library: the count keeps to the database's clock and stands in its transaction.
 */
export async function countTry(db: Db, name: string, from: string): Promise<number> {
  const address = neighbourhood(from);
  return transact(db, "session.change", async (tx) => {
    await sql`delete from sign_in_try where since <= clock_now() - make_interval(secs => ${WINDOW_SECONDS})`.execute(tx);
    const counted: Counted[] = [];
    for (const limit of limitsOf(await isKnownFrom(tx, name, address)))
      counted.push(await held(tx, limit, keyOf(limit, name, address)));
    const waitSeconds = secondsToWait(counted);
    if (waitSeconds > 0) return waitSeconds;
    for (const { limit, tries } of counted) {
      await sql`update sign_in_try set tries = tries + 1 where key = ${keyOf(limit, name, address)}`.execute(tx);
      // Once in each window, with the last that is free: who guesses must not fill the audit.
      if (tries + 1 === signInLimits[limit].most)
        await audit(tx, { actor: "unknown", action: "signIn.tooMany", environment: null, subject: from, detail: { of: limit } });
    }
    return 0;
  });
}

/** What counts against a limit, locked until the try is counted: in the order of the limits, so that no two wait for each other. */
async function held(tx: Transaction<Database>, limit: SignInLimit, key: string): Promise<Counted> {
  const { rows } = await sql<{ tries: number; elapsed: number }>`
    insert into sign_in_try as t (key, tries, since) values (${key}, 0, clock_now())
    on conflict (key) do update set tries = t.tries
    returning tries, extract(epoch from clock_now() - since)::float8 as elapsed`.execute(tx);
  return { limit, tries: rows[0]?.tries ?? 0, elapsedSeconds: Math.max(0, rows[0]?.elapsed ?? 0) };
}

/** Whether the account has signed in from the address lately, as the audit says. */
async function isKnownFrom(tx: Transaction<Database>, name: string, address: string): Promise<boolean> {
  const { rows } = await sql<{ address: string }>`
    select distinct address from audit where subject = ${name} and action = 'session.begun' and address is not null
      and at > clock_now() - make_interval(days => ${KNOWN_DAYS})`.execute(tx);
  return rows.some((row) => neighbourhood(row.address) === address);
}

/** A sign-in that succeeded counts no more, and clears what its account had from there. */
export async function forgetTries(db: Db, name: string, from: string): Promise<void> {
  const address = neighbourhood(from);
  await transact(db, "session.change", async (tx) => {
    await sql`delete from sign_in_try where key = ${keyOf("pair", name, address)}`.execute(tx);
    await sql`
      update sign_in_try set tries = greatest(0, tries - 1)
      where key in (${keyOf("address", name, address)}, ${keyOf("account", name, address)})`.execute(tx);
  });
}
