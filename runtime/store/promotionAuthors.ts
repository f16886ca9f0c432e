import { sql } from "kysely";

/**
 * A promotion brings all that was done since the version that runs there, not the last change alone: its authors are those of
 * every version between. Of one that is older than what runs, since the one before it that ran there.
 */
const before = sql`
  case when b.number < v.number then b.number else coalesce((
    select max(ran.number) from promotion earlier join version ran on ran.id = earlier.version_id
    where earlier.flow_id = p.flow_id and earlier.environment = p.environment and earlier.activated_at is not null
      and ran.number < v.number), 0) end`;

/** The names of who saved, published and requested it, of a promotion `p`, its version `v` and the one that runs, `b`. */
export const promotionAuthors = sql`
  select unnest(since.authors || since.created_by) as name from version since
  where since.flow_id = p.flow_id and since.number <= v.number and since.number > ${before}
  union select p.requested_by`;
