import { Type } from "typebox";

/** What every list of runs and dead letters can be narrowed by. */
export const listQuery = {
  environment: Type.Optional(Type.String()),
  flow: Type.Optional(Type.String()),
  node: Type.Optional(Type.String()),
  q: Type.Optional(Type.String({ maxLength: 512, description: "A document key, a run id or a receipt." })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  cursor: Type.Optional(Type.String({ description: "`next` of the page before." })),
};

/** Rows of a page when the caller names no number. */
const DEFAULT_PAGE = 50;

/** The query as a filter of the store. */
export const toFilter = <Query extends { limit?: number }>(query: Query): Query & { limit: number } => ({
  ...query,
  limit: query.limit ?? DEFAULT_PAGE,
});
