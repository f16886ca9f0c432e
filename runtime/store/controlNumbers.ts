import { sql } from "kysely";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import type { Owner } from "./effects.ts";
import { storable } from "./recordset.ts";

/** Whose numbers are counted together: what one partner gets from us. */
export interface Numbered {
  environment: string;
  connector: string;
  account: string;
  /** No number below it is given. */
  first: number;
  /** The greatest one; after it comes the first again. */
  most: number;
}

/**
 * The control number of an effect: the one that its ledger row has, else the next, which it has from then on. So whoever asks
 * again for the same effect gets the same, and no other effect does. Null when the effect is not the owner's any more.
 */
export async function giveControlNumber(db: Db, owner: Owner, effectKey: string, of: Numbered): Promise<number | null> {
  const key = storable(effectKey);
  return transact(db, "number.give", async (tx) => {
    const { rows } = await sql<{ given: number | null }>`
      select control_number::float8 as given from effect
      where effect_key = ${key} and task_id = ${owner.id} and epoch = ${owner.epoch} for update`.execute(tx);
    const [effect] = rows;
    if (!effect || effect.given !== null) return effect?.given ?? null;
    const first = Math.min(of.first, of.most);
    // A counter waits for who counts before: a number that was not committed is the next one's.
    const { rows: counted } = await sql<{ last: number }>`
      insert into control_number as c (environment, connector, account, last)
      values (${of.environment}, ${of.connector}, ${of.account}, ${first})
      on conflict (environment, connector, account) do update
        set last = case when c.last >= ${of.most} then ${first} else greatest(c.last + 1, ${first}) end
      returning last::float8 as last`.execute(tx);
    const number = counted[0]?.last ?? 0;
    await sql`update effect set control_number = ${number} where effect_key = ${key}`.execute(tx);
    return number;
  });
}
