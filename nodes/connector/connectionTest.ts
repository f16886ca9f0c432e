import type { Connector } from "#schemas/connector.ts";
import type { Reason } from "#schemas/outcome.ts";
import type { RawResponse, RenderedRequest } from "../plan.ts";
import { answerFailure, asAnswer } from "./answer.ts";
import { filled } from "./auth/session.ts";
import { type ConnectionContext, fillIn, fillInAll } from "./connection.ts";
import { type EvaluateOnAnswer, judge } from "./errorRules.ts";

/** A person waits for the answer. */
const TEST_TIMEOUT_MS = 10_000;

/**
 * The question with which a connection is tried; undefined where the connector declares none. Throws a sentence when the
 * connection lacks a setting.
 */
export function testRequest(connector: Connector, config: ConnectionContext["config"]): RenderedRequest | undefined {
  const { test, headers } = connector;
  if (test === undefined) return undefined;
  return {
    method: test.body === undefined ? "GET" : "POST",
    path: encodeURI(fillIn(test.path, { config })),
    query: fillInAll(test.query, { config }),
    // Those that only a document could fill in are left out.
    headers: Object.fromEntries(Object.entries(headers ?? {}).filter(([, template]) => !template.includes("{{"))),
    ...(test.body === undefined ? {} : { body: filled(test.body, { config, secrets: {} }) }),
    timeoutMs: TEST_TIMEOUT_MS,
  };
}

/** What the system said against the connection, by the connector's own rules; undefined when it is good. */
export async function testFailure(
  connector: Connector,
  response: RawResponse,
  evaluate: EvaluateOnAnswer,
): Promise<Reason | undefined> {
  const answer = asAnswer(response);
  const judged = await judge(answer, { success: undefined, rules: connector.errors }, evaluate);
  if (judged.good) return undefined;
  return (await answerFailure(connector.title, answer, judged.rule, evaluate)).reason;
}
