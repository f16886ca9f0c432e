import type { Transaction } from "kysely";
import type { Database } from "./tables.ts";

/** Nothing is deployed that was retired, be it in the moment before. */
export class VersionRetired extends Error {
  override name = "VersionRetired";
  readonly number: number;
  constructor(number: number) {
    super(`Version ${number} is retired.`);
    this.number = number;
  }
}

/** Holds the version's state as it is until the transaction ends; throws where it is retired. */
export async function requireUnretired(tx: Transaction<Database>, { id, number }: { id: string; number: number }): Promise<void> {
  const row = await tx.selectFrom("version").select("state").where("id", "=", id).forShare().executeTakeFirst();
  if (row?.state === "retired") throw new VersionRetired(number);
}
