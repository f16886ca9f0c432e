import type { EffectOperation } from "#schemas/connector.ts";
import type { Paging } from "#schemas/paging.ts";
import type { RenderedRequest } from "../plan.ts";
import type { Answer } from "./errorRules.ts";
import { EvaluationFailure } from "./failure.ts";

/** How the answer of an operation that asks or tells comes in pages, if it does. */
export const pagesOf = (operation: EffectOperation): Paging | undefined =>
  operation.transport === "http" ? operation.page : undefined;

/** What the page to ask for is known by: `$page` in the request. Pages that are counted have one from the first on. */
export function pageVariable(page: Paging | undefined, at: unknown): unknown {
  if (at !== null && at !== undefined) return at;
  if (page?.type === "offset") return 0;
  return page?.type === "number" ? page.first : undefined;
}

/** The rest of a `Link` header (RFC 8288): the address with `rel="next"`. */
function nextLink(header: string | undefined): string | undefined {
  for (const [, address = "", parameters = ""] of (header ?? "").matchAll(/<([^>]*)>((?:\s*;\s*[^,;"]+(?:"[^"]*")?)*)/g)) {
    for (const [, name = "", quoted, bare] of parameters.matchAll(/;\s*([^=;\s]+)\s*=\s*(?:"([^"]*)"|([^\s;,]+))/g)) {
      const relations = (quoted ?? bare ?? "").toLowerCase().split(/\s+/);
      if (name.toLowerCase() === "rel" && relations.includes("next")) return address;
    }
  }
  return undefined;
}

/**
 * What the next page is asked for with; nothing at the end. `count` is how many records the page has; by offset the next begins
 * with the last `overlap` of them, so that it shows whether the list moved in between.
 */
export async function nextOf(
  page: Paging | undefined,
  { answer, at, count, overlap = 0 }: { answer: Answer; at: unknown; count: number; overlap?: 0 | 1 },
  read: (expression: string) => Promise<unknown>,
): Promise<unknown> {
  if (page === undefined) return undefined;
  switch (page.type) {
    case "link":
      return nextLink(answer.headers.link);
    case "offset":
    case "number": {
      const here = Number(pageVariable(page, at));
      // A short page is the last one; a system that caps the size would end too early, so `size` is what it gives at most.
      return count < page.size ? undefined : here + (page.type === "offset" ? count - overlap : 1);
    }
    default:
      return read(page.next);
  }
}

/**
 * The request of a page, where the system says as an address what comes next: the first page's, going there. Never to
 * another place than the connection's own: credentials go with it. Throws EvaluationFailure.
 */
export function pagedRequest(
  request: RenderedRequest,
  page: Paging | undefined,
  at: unknown,
  base: () => string,
): RenderedRequest {
  if (at === null || at === undefined || page?.type === undefined) return request;
  switch (page.type) {
    case "query":
      return { ...request, path: `${request.path.split("?")[0]}?${String(at).replace(/^[?&]/, "")}`, query: {} };
    case "link":
    case "url": {
      const home = new URL(base());
      const { origin, pathname, search, username } = resolved(String(at), home, request.path);
      const below = home.pathname.replace(/\/+$/, "");
      if (origin !== home.origin || username !== "" || !(pathname === below || pathname.startsWith(`${below}/`))) {
        throw elsewhere(origin + pathname);
      }
      return { ...request, path: pathname.slice(below.length) + search, query: {} };
    }
    default:
      return request;
  }
}

function resolved(address: string, home: URL, path: string): URL {
  try {
    return new URL(address, new URL(home.pathname.replace(/\/+$/, "") + path, home));
  } catch {
    throw elsewhere(address);
  }
}

const elsewhere = (address: string): EvaluationFailure =>
  new EvaluationFailure({
    class: "bug",
    reason: {
      code: "poll.pageElsewhere",
      message: `The next page is said to be at ${address.slice(0, 200)}, which is not below the address of the connection.`,
      hint: "Correct the connection's address, or the paging of the connector's operation.",
    },
  });
