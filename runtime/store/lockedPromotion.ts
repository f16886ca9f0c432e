import { sql, type Transaction } from "kysely";
import type { CanarySettings } from "#schemas/canary.ts";
import type { Protection } from "#schemas/environment.ts";
import type { Promotion } from "#schemas/promotion.ts";
import { isId } from "./ids.ts";
import { lineageOf, ownersOf, promotionAuthors } from "./promotionAuthors.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

export interface LockedPromotion {
  flow: string;
  environment: string;
  protection: Protection;
  versionId: string;
  version: number;
  baseId: string | null;
  base: number | null;
  hash: string;
  state: Promotion["state"];
  slots: Record<string, string>;
  /** What its review found them bound to. */
  foundSlots: Record<string, string>;
  /** What the slots were bound to before; null until it is activated. */
  baseSlots: Record<string, string> | null;
  requestedBy: string;
  /** Whose work it is: its authors, and who made the tokens that did some of it, with every account of each. */
  owners: string[];
  approvedBy: string | null;
  approvedAt: Date | null;
  /** Approved by the only person there was. */
  alone: boolean;
  byPerson: boolean;
  /** SHA-256 of the version's samples, as they were reviewed and as they are. */
  samples: string | null;
  samplesNow: string | null;
  canary: CanarySettings | null;
  canaryAt: Date | null;
}

/**
 * A promotion with its environment, both locked: whoever changes how the environment is guarded comes before or after. The
 * environment first, as everybody does: of two who have one promotion each and want the other's, one would be ended.
 */
export async function lockPromotion(tx: Tx, id: string): Promise<LockedPromotion | undefined> {
  if (!isId(id)) return undefined;
  await sql`select 1 from environment where id = (select environment from promotion where id = ${id}) for update`.execute(tx);
  const { rows } = await sql<Omit<LockedPromotion, "owners">>`
    select p.flow_id as flow, p.environment, e.protection, p.version_id as "versionId", v.number as version, p.base_id as "baseId",
      b.number as base, p.hash, p.state, p.slots,
      coalesce(p.found_slots, '{}') as "foundSlots", p.base_slots as "baseSlots", p.requested_by as "requestedBy",
      p.approved_by as "approvedBy", p.approved_at as "approvedAt", p.alone, p.by_person as "byPerson", p.samples,
      encode(sha256(convert_to(v.samples, 'UTF8')), 'hex') as "samplesNow", p.canary, p.canary_at as "canaryAt"
    from promotion p join environment e on e.id = p.environment join version v on v.id = p.version_id
      left join version b on b.id = p.base_id
    where p.id = ${id} for update of p`.execute(tx);
  const [found] = rows;
  if (!found) return undefined;
  return { ...found, owners: await ownersOf(tx, promotionAuthors(found, await lineageOf(tx, found.flow))) };
}
