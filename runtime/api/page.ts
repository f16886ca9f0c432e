import { Type } from "typebox";
import type { Db } from "#runtime/store/database.ts";
import { isId } from "#runtime/store/ids.ts";
import { requireEnvironment } from "./environment.ts";
import { ApiFailure } from "./errors.ts";

/** What every list of runs and dead letters can be narrowed by. */
export const listQuery = {
  environment: Type.Optional(Type.String({ minLength: 1 })),
  flow: Type.Optional(Type.String()),
  node: Type.Optional(Type.String()),
  q: Type.Optional(Type.String({ maxLength: 512, description: "A document key, a run id or a receipt." })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  cursor: Type.Optional(Type.String({ description: "`next` of the page before." })),
};

/** Rows of a page when the caller names no number. */
const DEFAULT_PAGE = 50;

interface ListQuery {
  environment?: string;
  limit?: number;
  cursor?: string;
}

/** The query as a filter of the store; refuses an unknown environment and a cursor that no page gave. */
export async function toFilter<Query extends ListQuery>(db: Db, query: Query): Promise<Query & { limit: number }> {
  if (query.cursor !== undefined && !isId(query.cursor))
    throw new ApiFailure("badRequest", { detail: "cursor must be `next` of the page before." });
  if (query.environment !== undefined) await requireEnvironment(db, query.environment);
  return { ...query, limit: query.limit ?? DEFAULT_PAGE };
}
