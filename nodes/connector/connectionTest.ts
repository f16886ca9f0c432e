import type { Connector } from "#schemas/connector.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
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
  if ("statement" in test) {
    const body = { statements: [{ statement: test.statement, rows: [[]] }] };
    return { transport: "sql", method: "READ", path: "", query: {}, headers: {}, body, timeoutMs: TEST_TIMEOUT_MS };
  }
  return {
    ...(test.base === undefined ? {} : { base: test.base }),
    method: test.body === undefined ? "GET" : "POST",
    path: encodeURI(fillIn(test.path, { config })),
    query: fillInAll(test.query, { config }),
    // Those that only a document could fill in are left out.
    headers: Object.fromEntries(Object.entries(headers ?? {}).filter(([, template]) => !template.includes("{{"))),
    ...(test.body === undefined ? {} : { body: filled(test.body, { config, secrets: {} }) }),
    timeoutMs: TEST_TIMEOUT_MS,
  };
}

/** Asked where the connector declares no question: whether anything is there. */
export const reachRequest: RenderedRequest = { method: "GET", path: "/", query: {}, headers: {}, timeoutMs: TEST_TIMEOUT_MS };

interface Refusal {
  class: OutcomeClass;
  reason: Reason;
}

/** What the system said against the connection, by the connector's own rules; undefined when it is good. */
export async function testFailure(
  connector: Connector,
  response: RawResponse,
  evaluate: EvaluateOnAnswer,
): Promise<Refusal | undefined> {
  const answer = asAnswer(response);
  const judged = await judge(answer, { success: undefined, rules: connector.errors }, evaluate);
  if (judged.good) return undefined;
  return answerFailure(connector.title, answer, judged.rule, evaluate);
}

/** Whether nothing is ever asked over a connection of this connector: other programs call, or send messages. */
export const onlyTakes = ({ operations }: Connector): boolean =>
  Object.values(operations).every(
    (operation) => operation.transport === "service" || (operation.transport === "webhook" && operation.fetch === undefined),
  );

/** How the source folders of a connector are reached; undefined where it has none. */
export function folderTransport({ operations }: Connector): "file" | "sftp" | undefined {
  for (const { transport } of Object.values(operations)) if (transport === "file" || transport === "sftp") return transport;
  return undefined;
}

/** What a person does about a test that failed. */
export const whatToDo = (kind: OutcomeClass): string =>
  advice[kind] ?? "Look at the settings of the connection, then test it again.";

const advice: Partial<Record<OutcomeClass, string>> = {
  auth: "Check the secrets, and what the account may do over there. Enter new secrets, then test it again.",
  rejected: "The system is there and knows us, but not what was asked for: check the settings that name the account.",
  rateLimited: "The secrets may well be good: the system has too much to do. Test it again in a minute.",
  transient: "Check the address, and whether the system is up. Test it again in a moment.",
  timeout: "Check the address, and whether the system is up. Test it again in a moment.",
};
