import { type Selectable, sql, type Transaction } from "kysely";
import type { Flow } from "#schemas/flow.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { changesOfDraft } from "./draftChanges.ts";
import { transact } from "./durable.ts";
import { type Origin, originNow } from "./origin.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

/**
 * The saves of one editor in a row. The designer saves as people type: an entry of the audit for each would hide all the others,
 * and have everybody who changes anything wait for the one lock of the chain. So a sitting is one entry, from what the flow was before
 * it to what it was after it; until then it is kept with the draft, in the transaction of each save.
 */
export interface Sitting {
  by: string;
  /** ISO 8601, of its first and its last save. */
  since: string;
  until: string;
  saves: number;
  /** The revision before it. */
  revision: number;
  /** Where its first save came from. */
  origin: Origin | null;
}

/** Who has not saved for so long has gone. */
const QUIET_MS = 5 * 60_000;
/** Whoever goes on for hours is told of before the day is over. */
const LONGEST_MS = 15 * 60_000;

/** Whether the audit is to be told now, rather than after more of it. */
export const isOver = ({ since, until }: Pick<Sitting, "since" | "until">, now: Date): boolean =>
  now.getTime() - Date.parse(until) >= QUIET_MS || now.getTime() - Date.parse(since) >= LONGEST_MS;

/** What is written with a save: the sitting that it belongs to, and the flow before that. Another one is told to the audit first. */
export async function sitOn(
  tx: Tx,
  draft: Pick<Selectable<Database["draft"]>, "flow_id" | "revision" | "body" | "sitting" | "sitting_from">,
  by: string,
  now: Date,
): Promise<{ sitting: Sitting; from: string }> {
  const { sitting: last, sitting_from: from, body, revision } = draft;
  const until = now.toISOString();
  if (last && from !== null && last.by === by && !isOver(last, now))
    return { sitting: { ...last, until, saves: last.saves + 1 }, from };
  if (last && from !== null) await tell(tx, draft.flow_id, last, from, draft);
  return { sitting: { by, since: until, until, saves: 1, revision, origin: originNow() ?? null }, from: body };
}

/** Tells the audit what it does not know of a draft yet, before something else is made of it. */
export async function tellDraft(tx: Tx, flowId: string): Promise<void> {
  const draft = await tx.selectFrom("draft").selectAll().where("flow_id", "=", flowId).forUpdate().executeTakeFirst();
  if (draft?.sitting && draft.sitting_from !== null) await settle(tx, draft, draft.sitting, draft.sitting_from);
}

/** The same for a draft whose editor has gone; answers whether there was one. */
export async function tellQuietDraft(db: Db): Promise<boolean> {
  return transact(db, "flow.draft", async (tx) => {
    const { rows } = await sql<Selectable<Database["draft"]>>`
      select * from draft where sitting is not null
        and ((sitting ->> 'until')::timestamptz <= clock_now() - ${QUIET_MS} * interval '1 millisecond'
          or (sitting ->> 'since')::timestamptz <= clock_now() - ${LONGEST_MS} * interval '1 millisecond')
      limit 1 for update skip locked`.execute(tx);
    const [draft] = rows;
    if (!draft?.sitting || draft.sitting_from === null) return false;
    await settle(tx, draft, draft.sitting, draft.sitting_from);
    return true;
  });
}

async function settle(tx: Tx, draft: Selectable<Database["draft"]>, sitting: Sitting, from: string): Promise<void> {
  await tell(tx, draft.flow_id, sitting, from, draft);
  await sql`update draft set sitting = null, sitting_from = null where flow_id = ${draft.flow_id}`.execute(tx);
}

async function tell(
  tx: Tx,
  flowId: string,
  { by, since, until, saves, revision, origin }: Sitting,
  from: string,
  now: { body: string; revision: number },
): Promise<void> {
  const { changes, before, after } = changesOfDraft(JSON.parse(from) as Flow, JSON.parse(now.body) as Flow);
  await audit(tx, {
    actor: by,
    action: "draft.saved",
    environment: null,
    subject: flowId,
    detail: { saves, since, until, changes },
    before: { revision, ...before },
    after: { revision: now.revision, ...after },
    origin,
  });
}
