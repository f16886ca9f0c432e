import { testFailure, testRequest } from "#nodes/connector/connectionTest.ts";
import type { Catalog } from "#nodes/lock.ts";
import { crossing } from "#runtime/crashPoints.ts";
import type { Evaluators } from "#runtime/evaluate/pool.ts";
import { openConnections } from "#runtime/store/connections.ts";
import type { ConnectionTestResult } from "#schemas/connection.ts";
import type { EngineParts } from "./parts.ts";

type Parts = Pick<EngineParts, "db" | "box" | "http"> & { evaluators: Pick<Evaluators, "expression"> };

/** Sends the question that the connector declares over a connection, once, paused or not, and says what came of it. */
export async function tryConnection(
  { db, box, http, evaluators }: Parts,
  { connectors }: Pick<Catalog, "connectors">,
  id: string,
): Promise<ConnectionTestResult> {
  const [connection] = await openConnections(db, box, [id]);
  const connector = connection && connectors[connection.connector];
  if (!connection || !connector) return failed("Its connector is not there any more.");
  try {
    const request = testRequest(connector, connection.config);
    if (!request) return { outcome: "untested", message: `The connector ${connector.title} declares no test.` };
    const performed = await crossing("request.read", () => http.perform(connector, connection, request));
    if (!performed.ok) return failed(performed.failure.reason.message);
    const evaluate = (text: string, input: unknown) => evaluators.expression({ text, input });
    const reason = await testFailure(connector, performed.response, evaluate);
    return reason ? failed(reason.message) : { outcome: "passed", message: `${connector.title} let the connection in.` };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

const failed = (message: string): ConnectionTestResult => ({ outcome: "failed", message });
