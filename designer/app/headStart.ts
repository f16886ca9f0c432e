import type { QueryClient } from "@tanstack/react-query";
import { connectorsQuery, environmentsQuery, flowQuery, nodeTypesQuery, sessionQuery } from "../api/queries.ts";

/**
 * Asks for what the page at this address needs while its pieces are still on their way: one after the other they would be
 * asked for by what each of them draws. Whoever has to sign in first is shown the door, and nothing is asked for.
 */
export async function headStart(queries: QueryClient, path: string): Promise<void> {
  const [, , section, flow] = path.split("/");
  if (section === "flows" && flow) void import("../canvas/OnCanvas.tsx");
  const session = await queries.fetchQuery(sessionQuery).catch(() => undefined);
  if (!session || session.setUp === "token" || (session.signIn && !session.person)) return;
  void queries.prefetchQuery(environmentsQuery);
  if (section !== "flows" || !flow) return;
  void queries.prefetchQuery(flowQuery(decodeURIComponent(flow)));
  void queries.prefetchQuery(nodeTypesQuery);
  void queries.prefetchQuery(connectorsQuery);
}
