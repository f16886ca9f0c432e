import type { SqlTemplate } from "#schemas/request.ts";
import type { RenderedRequest } from "../plan.ts";
import { EvaluationFailure } from "./failure.ts";
import type { Renderer } from "./renderEffect.ts";

/** Time for one statement when the operation names none. */
const DEFAULT_STATEMENT_MS = 30_000;

/**
 * A request to a database. The texts of its statements are taken as they stand; only the values for their placeholders are
 * made from the item. Throws EvaluationFailure where these are no list.
 */
export async function renderStatements(
  renderer: Renderer,
  type: string,
  { statements, timeoutMs = DEFAULT_STATEMENT_MS }: SqlTemplate,
  writes: boolean,
): Promise<RenderedRequest> {
  const rendered: { statement: string; rows: unknown[][] }[] = [];
  for (const [index, { statement, values, each }] of statements.entries()) {
    const part = `/request/statements/${index}/values`;
    const given = values === undefined ? [] : await renderer.expression(values, part);
    rendered.push({ statement, rows: each === true ? listOfLists(given, type, part) : [listOf(given, type, part)] });
  }
  const method = writes ? "WRITE" : "READ";
  return { transport: "sql", method, path: "", query: {}, headers: {}, body: { statements: rendered }, timeoutMs };
}

/** JSONata gives a list of one as the one. */
function listOf(given: unknown, type: string, part: string): unknown[] {
  if (given === undefined) throw noList(type, part, "nothing");
  return Array.isArray(given) ? given : [given];
}

function listOfLists(given: unknown, type: string, part: string): unknown[][] {
  if (given === undefined) return [];
  const list = listOf(given, type, part);
  return list.length > 0 && list.every((row) => Array.isArray(row)) ? list : list.length === 0 ? [] : [list];
}

const noList = (type: string, part: string, gave: string): EvaluationFailure =>
  new EvaluationFailure({
    class: "invalid",
    reason: {
      code: "request.values",
      message: `The values for a statement of ${type} came out as ${gave}; they are a list, one for each placeholder.`,
      hint: "Write them as [a, b]; a value that may be missing as (a ? a : null).",
      path: part,
    },
  });
