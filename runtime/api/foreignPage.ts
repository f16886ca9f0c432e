import type { IncomingHttpHeaders } from "node:http";

/** What of a request tells where the page stands that sent it. */
interface Sent {
  method: string;
  headers: IncomingHttpHeaders;
}

/**
 * Whether a request that may change something was sent by a page of another site. Browsers say so themselves, in headers
 * that no page can set: `Sec-Fetch-Site`, and `Origin` where there is no such header. So no token has to be kept in forms
 * and sent twice, which a neighbour on a subdomain could set as well. What is no browser sends neither; it has no cookie
 * that it was not given.
 */
export function isForeignPage({ method, headers }: Sent, publicUrl: string | undefined): boolean {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return false;
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const { origin, host } = headers;
  if (origin === undefined) return false;
  const own = URL.canParse(origin) ? new URL(origin) : undefined;
  return own === undefined || (own.host !== host && own.origin !== (publicUrl && new URL(publicUrl).origin));
}
