import { type Static, Type } from "typebox";
import { Expression } from "./request.ts";

/** More pages than this in one round are a fault of the system or the connector. */
const most = { most: Type.Integer({ minimum: 1, maximum: 100_000 }) };

/** What a page holds at most; a page with fewer records is the last. */
const size = { size: Type.Integer({ minimum: 1, maximum: 100_000 }) };

/** JSONata over the answer: what the next page is asked for with; nothing at the end. */
const next = { next: Expression };

/**
 * In a poll: each page begins with records of the page before, because `next` asks for them again. Where none of them is found in it,
 * records have left the list in between, and the round goes back.
 */
const overlaps = { overlaps: Type.Optional(Type.Literal(true)) };

/** How a system gives its pages. */
export const Paging = Type.Union([
  /** The request names the page by `$page`: a token, a cursor, a number, an object. */
  Type.Object({ ...next, ...most, ...overlaps, type: Type.Optional(Type.Literal("value")) }, { additionalProperties: false }),
  /** The `Link` header has the address of the next page. */
  Type.Object({ type: Type.Literal("link"), ...most }, { additionalProperties: false }),
  /** `next` gives the address of the next page, below that of the connection. */
  Type.Object({ type: Type.Literal("url"), ...next, ...most }, { additionalProperties: false }),
  /** `next` gives the query string of the next page, taken as it is. */
  Type.Object({ type: Type.Literal("query"), ...next, ...most, ...overlaps }, { additionalProperties: false }),
  /**
   * `$page` counts records, from 0. In a poll each page begins with the last record of the page before: where nothing of that one is
   * found in it, records have left the list in between, and the round goes back to where they were.
   */
  Type.Object(
    { type: Type.Literal("offset"), size: Type.Integer({ minimum: 2, maximum: 100_000 }), ...most },
    { additionalProperties: false },
  ),
  /** `$page` counts pages. */
  Type.Object(
    { type: Type.Literal("number"), first: Type.Integer({ minimum: 0 }), ...size, ...most },
    { additionalProperties: false },
  ),
]);
export type Paging = Static<typeof Paging>;
