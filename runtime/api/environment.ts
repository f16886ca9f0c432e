import { sql } from "kysely";
import type { Db } from "#runtime/store/database.ts";
import { ApiFailure } from "./errors.ts";

/** Refuses a name that no environment has: an empty answer would look as if nothing had happened there. */
export async function requireEnvironment(db: Db, environment: string): Promise<void> {
  const known = await db.selectFrom("environment").select("id").where("id", "=", environment).executeTakeFirst();
  if (!known) throw new ApiFailure("notFound", { what: `environment ${environment}` });
}

/** Refuses to deploy a version directly where versions come by promotion only, or a canary of the flow is on. */
export async function requireDirect(db: Db, environment: string, flow: string): Promise<void> {
  const found = await db.selectFrom("environment").select("protected").where("id", "=", environment).executeTakeFirst();
  if (found?.protected) throw new ApiFailure("environmentProtected", { environment });
  const { rows } = await sql`
    select 1 from promotion where environment = ${environment} and flow_id = ${flow} and state = 'canary'`.execute(db);
  if (rows.length > 0) throw new ApiFailure("deploymentCanary", { flow, environment });
}
