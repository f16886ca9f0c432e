import { Pool } from "undici";
import { authorize } from "#nodes/connector/authorize.ts";
import { baseUrl } from "#nodes/connector/connection.ts";
import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Failure } from "./outcome.ts";
import { redactHeaders, redactor } from "./redact.ts";

/** What became of a request: an answer, or a failure to get one. */
export type Performed =
  | { ok: true; response: RawResponse }
  /** `applied` is `no` when the request cannot have reached the target. */
  | { ok: false; failure: Failure; applied: "no" | "maybe" };

/** An answer larger than this is not read to its end: no target of an order flow answers so much. */
const MAX_RESPONSE_BYTES = 10_000_000;

/** Connections kept open to one origin; above every connector's own concurrency limit. */
const POOL_CONNECTIONS = 64;

const CONNECT_TIMEOUT_MS = 5_000;

/** Sends requests over keep-alive pools, one for each origin. */
export interface HttpPerformer {
  perform(connector: Connector, connection: OpenConnection, request: RenderedRequest): Promise<Performed>;
  close(): Promise<void>;
}

export function httpPerformer(): HttpPerformer {
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string): Pool => {
    let pool = pools.get(origin);
    if (!pool) {
      pool = new Pool(origin, { connections: POOL_CONNECTIONS, connect: { timeout: CONNECT_TIMEOUT_MS }, pipelining: 1 });
      pools.set(origin, pool);
    }
    return pool;
  };
  return {
    async perform(connector, connection, request) {
      let target: ReturnType<typeof prepare>;
      try {
        target = prepare(connector, connection, request);
      } catch (error) {
        const redact = redactor(Object.values(connection.secrets));
        return failed("auth", "requestNotPrepared", `The request could not be prepared: ${redact(sentence(error))}`, "no");
      }
      try {
        return await send(poolOf(target.url.origin), target, request);
      } catch (error) {
        return networkFailure(error, connection, target.redact);
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

function prepare(connector: Connector, connection: OpenConnection, request: RenderedRequest) {
  const context = { config: connection.config, secrets: connection.secrets };
  const url = new URL(baseUrl(connector, connection.config) + request.path);
  for (const [name, value] of Object.entries(request.query)) url.searchParams.set(name, value);
  const body = request.body === undefined ? null : JSON.stringify(request.body);
  const proof = authorize(connector, context, { method: request.method, url: url.toString() });
  const headers = {
    accept: "application/json",
    "user-agent": "Orderloom",
    ...(body === null ? {} : { "content-type": "application/json" }),
    ...request.headers,
    ...proof,
  };
  return { url, headers, body, redact: redactor([...Object.values(connection.secrets), ...Object.values(proof)]) };
}

async function send(pool: Pool, target: ReturnType<typeof prepare>, request: RenderedRequest): Promise<Performed> {
  const signal = AbortSignal.timeout(request.timeoutMs);
  const response = await pool.request({
    method: request.method as "GET",
    path: target.url.pathname + target.url.search,
    headers: target.headers,
    body: target.body,
    signal,
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_RESPONSE_BYTES) {
      return failed("tooLarge", "answerTooLarge", `The answer is larger than ${MAX_RESPONSE_BYTES} bytes.`, "maybe");
    }
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(", ") : String(value ?? ""),
    ]),
  );
  const body = target.redact(Buffer.concat(chunks).toString("utf8"));
  return { ok: true, response: { status: response.statusCode, headers: redactHeaders(headers, target.redact), body } };
}

/** Errors before the request left: nothing can have been applied. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Errors about the request itself: it cannot be written on the wire, today or later. */
const unsendable = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED", "ERR_INVALID_CHAR", "ERR_HTTP_INVALID_HEADER_VALUE"]);

function networkFailure(error: unknown, connection: OpenConnection, redact: (text: string) => string): Performed {
  const code = errorCode(error);
  if (unsendable.has(code)) {
    return failed(
      "invalid",
      "requestNotSendable",
      `The request for ${connection.name} cannot be sent: ${redact(sentence(error))}.`,
      "no",
    );
  }
  if (neverSent.has(code)) {
    return failed("transient", "notReached", `The connection ${connection.name} could not be reached (${code}).`, "no");
  }
  if (code === "TimeoutError" || code.includes("TIMEOUT")) {
    return failed(
      "timeout",
      "noAnswer",
      `There was no answer from ${connection.name} in time; the request may have been applied.`,
      "maybe",
    );
  }
  return failed(
    "transient",
    "connectionLost",
    `The connection to ${connection.name} broke (${code}); the request may have been applied.`,
    "maybe",
  );
}

function errorCode(error: unknown): string {
  const seen = error as { code?: unknown; name?: unknown; cause?: { code?: unknown } } | null;
  for (const each of [seen?.code, seen?.cause?.code, seen?.name]) if (typeof each === "string" && each) return each;
  return "unknown error";
}

const failed = (kind: Failure["class"], code: string, message: string, applied: "no" | "maybe"): Performed => ({
  ok: false,
  failure: { class: kind, reason: { code, message } },
  applied,
});

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
