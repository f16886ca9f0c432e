import ipaddr from "ipaddr.js";
import { sql } from "kysely";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { sha256 } from "./ids.ts";

/**
 * Tries that one account and one address have within a window. Ten: nobody mistypes more often, and a guesser gets
 * a thousand a day, of passwords with 12 characters or more. An office stands behind one address.
 */
const MOST = { account: 10, address: 50 } as const;

const WINDOW_SECONDS = 15 * 60;

/** A name that is nobody's counts too, and is not kept as it was typed: it may be a password in the wrong field. */
const keysOf = (name: string, address: string) =>
  [
    [`account ${sha256(name)}`, MOST.account],
    [`address ${neighbourhood(address)}`, MOST.address],
  ] as const;

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
export async function countTry(db: Db, name: string, address: string): Promise<number> {
  return transact(db, "session.change", async (tx) => {
    await sql`delete from sign_in_try where since <= clock_now() - make_interval(secs => ${WINDOW_SECONDS})`.execute(tx);
    let waitSeconds = 0;
    for (const [key, most] of keysOf(name, address)) {
      const { rows } = await sql<{ tries: number; left: number }>`
        insert into sign_in_try as t (key, tries, since) values (${key}, 1, clock_now())
        on conflict (key) do update set tries = t.tries + 1
        returning tries, ceil(extract(epoch from since - clock_now()) + ${WINDOW_SECONDS})::int as left`.execute(tx);
      const { tries = 0, left = 0 } = rows[0] ?? {};
      if (tries > most) waitSeconds = Math.max(waitSeconds, left, 1);
      // Once in each window: who guesses must not fill the audit.
      if (tries === most + 1)
        await audit(tx, {
          actor: "unknown",
          action: "signIn.tooMany",
          environment: null,
          subject: address,
          detail: { of: key.split(" ")[0] },
        });
    }
    return waitSeconds;
  });
}

/** A sign-in that succeeded counts no more, and clears what its account had. */
export async function forgetTries(db: Db, name: string, address: string): Promise<void> {
  const [[account], [from]] = keysOf(name, address);
  await transact(db, "session.change", async (tx) => {
    await sql`delete from sign_in_try where key = ${account}`.execute(tx);
    await sql`update sign_in_try set tries = greatest(0, tries - 1) where key = ${from}`.execute(tx);
  });
}
