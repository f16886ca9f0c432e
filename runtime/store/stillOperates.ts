import { permits } from "#schemas/people.ts";
import { tokenGrants } from "./apiTokens.ts";
import type { Db } from "./database.ts";
import { grantsOfPerson } from "./people.ts";

/**
 * Whether who did something at a time might do it now in an environment. Who is neither a person nor a token has nothing to
 * lose: whoever held ORDERLOOM_ADMIN_TOKEN, or was at the machine before sign-in was set up.
 */
export async function stillOperates(db: Db, actor: string, at: Date, environment: string): Promise<boolean> {
  const grants = actor.startsWith("token:") ? await tokenGrants(db, actor, at) : await grantsOfPerson(db, actor);
  return grants === undefined || permits(grants, "operate", environment);
}
