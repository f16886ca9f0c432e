import { sql } from "kysely";
import type { Attempt } from "#schemas/run.ts";
import type { Db } from "./database.ts";

/** The attempts of one task, the first first; what was cut when it was kept is text. */
export async function taskAttempts(db: Db, taskId: string): Promise<Attempt[]> {
  const { rows } = await sql<Omit<Attempt, "startedAt" | "endedAt"> & { startedAt: Date; endedAt: Date | null }>`
    select number, started_at as "startedAt", ended_at as "endedAt", outcome, reason, request, response
    from attempt where task_id = ${taskId} order by id`.execute(db);
  return rows.map((row) => ({
    ...row,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    request: readable(row.request),
    response: readable(row.response),
  }));
}

/** Kept text as JSON where it is whole, as text where it was cut. */
export function readable(text: unknown): unknown {
  if (typeof text !== "string") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
