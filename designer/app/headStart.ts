import type { QueryClient } from "@tanstack/react-query";
import { connectorsQuery, environmentsQuery, flowQuery, nodeTypesQuery, sessionQuery } from "../api/queries.ts";

/**
 * Asks for what the page at this address needs while its pieces are still on their way: one after the other they would be
 * asked for by what each of them draws. Whoever has to sign in first is shown the door, and nothing is asked for.
 * Done when all of it is there.
 */
export async function headStart(queries: QueryClient, path: string): Promise<void> {
  const [, , section, flow] = path.split("/");
  const ofFlow = section === "flows" && flow !== undefined && flow !== "";
  const drawing = ofFlow ? [import("../canvas/FlowPage.tsx"), import("../canvas/OnCanvas.tsx")] : [];
  const session = await queries.fetchQuery(sessionQuery).catch(() => undefined);
  if (!session || session.setUp === "token" || (session.signIn && !session.person)) return;
  const read = [queries.prefetchQuery(environmentsQuery)];
  if (ofFlow)
    read.push(
      queries.prefetchQuery(flowQuery(decodeURIComponent(flow))),
      queries.prefetchQuery(nodeTypesQuery),
      queries.prefetchQuery(connectorsQuery),
    );
  await Promise.allSettled([...read, ...drawing]);
}
