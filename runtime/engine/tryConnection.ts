import { baseUrl } from "#nodes/connector/connection.ts";
import { connectionFaults } from "#nodes/connector/connectionFaults.ts";
import { onlyTakes, reachRequest, testFailure, testRequest, whatToDo } from "#nodes/connector/connectionTest.ts";
import type { RenderedRequest } from "#nodes/plan.ts";
import { crossing } from "#runtime/crashPoints.ts";
import type { Evaluators } from "#runtime/evaluate/pool.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { ConnectionTestResult } from "#schemas/connection.ts";
import type { Connector } from "#schemas/connector.ts";
import { moment, msSince } from "./moment.ts";
import type { EngineParts } from "./parts.ts";
import type { Performed } from "./perform.ts";

type Parts = Pick<EngineParts, "http"> & { evaluators: Pick<Evaluators, "expression"> };

/** Statuses that say that somebody else's credentials are needed. */
const REFUSED: readonly number[] = [401, 403];

/**
 * Sends the question that the connector declares over a connection, once, paused or not, and says what came of it. Without
 * one its address is asked for: whatever answers is there, and whether it lets the connection in stays open.
 */
export async function tryConnection(
  parts: Parts,
  connector: Connector,
  connection: OpenConnection,
): Promise<ConnectionTestResult> {
  if (onlyTakes(connector)) {
    return untested(
      `Nothing is ever asked over a connection of ${connector.title}: messages come in by themselves.`,
      "To try it, let the other program send one.",
    );
  }
  try {
    if (!asksByStatement(connector)) baseUrl(connector, connection.config);
  } catch (error) {
    return untested(sentence(error), "Messages come in all the same. To ask the system, enter its address.");
  }
  const { config, secrets } = connection;
  const [lacks] = connectionFaults(connector, { config, secrets, secretNames: [] });
  if (lacks) return { ...failed(lacks, whatToDo("invalid"), null), ms: null };
  const begun = moment();
  try {
    const question = testRequest(connector, connection.config);
    const result = await (question ? ask(parts, connector, connection, question) : reach(parts, connector, connection));
    return { ...result, ms: Math.round(msSince(begun)) };
  } catch (error) {
    return { ...failed(sentence(error), whatToDo("bug"), null), ms: Math.round(msSince(begun)) };
  }
}

/** A database has no address of the web. */
const asksByStatement = ({ test }: Connector): boolean => test !== undefined && "statement" in test;

type Asked = Omit<ConnectionTestResult, "ms">;

async function ask(parts: Parts, connector: Connector, connection: OpenConnection, request: RenderedRequest): Promise<Asked> {
  const performed = await send(parts, connector, connection, request);
  if (!performed.ok) return notAnswered(performed);
  const { response } = performed;
  const evaluate = (text: string, input: unknown) => parts.evaluators.expression({ text, input });
  const refusal = await testFailure(connector, response, evaluate);
  if (refusal) return failed(refusal.reason.message, whatToDo(refusal.class), response.status);
  const message = `${connector.title} let the connection in.`;
  return { outcome: "passed", message, hint: held(connection), status: response.status };
}

async function reach(parts: Parts, connector: Connector, connection: OpenConnection): Promise<Asked> {
  const performed = await send(parts, connector, connection, reachRequest);
  if (!performed.ok) return notAnswered(performed);
  const { status } = performed.response;
  if (REFUSED.includes(status)) return failed(`It refused the credentials with ${status}.`, whatToDo("auth"), status);
  if (status >= 500) return failed(`It answered ${status}.`, whatToDo("transient"), status);
  const message = `It answered ${status}: reached, not proven. The connector ${connector.title} declares no test that would show whether it lets the connection in.`;
  return {
    outcome: "reached",
    message,
    hint: "Send a sample through the flow to be sure, or give the connector a test.",
    status,
  };
}

const send = ({ http }: Parts, connector: Connector, connection: OpenConnection, request: RenderedRequest): Promise<Performed> =>
  crossing("request.read", () => http.perform(connector, connection, request));

function notAnswered({ failure }: Extract<Performed, { ok: false }>): Asked {
  return failed(failure.reason.message, failure.reason.hint ?? whatToDo(failure.class), null);
}

/** A good answer does not open what somebody has shut. */
const held = ({ state }: OpenConnection): string | null =>
  state === "active" ? null : "It is held: resume it, so that its effects go on.";

const failed = (message: string, hint: string, status: number | null): Asked => ({ outcome: "failed", message, hint, status });

const untested = (message: string, hint: string): ConnectionTestResult => ({
  outcome: "untested",
  message,
  hint,
  status: null,
  ms: null,
});

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
