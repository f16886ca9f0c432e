import { Pool } from "undici";
import { FormatError } from "#nodes/format/formatError.ts";
import type { RenderedRequest } from "#nodes/plan.ts";
import { textOf } from "#runtime/decode/unpack.ts";
import { OutOfReach, placeOf, type Reaches } from "#runtime/reach/reach.ts";
import type { OutcomeClass } from "#schemas/outcome.ts";

/** Connections kept open to one origin; above every connector's own concurrency limit. */
const POOL_CONNECTIONS = 64;

const CONNECT_TIMEOUT_MS = 5_000;

/** An answer larger than this is not read to its end: no target of an order flow answers so much. */
const MAX_RESPONSE_BYTES = 10_000_000;

/** A request whole, secrets included. Never log it. */
export interface WireRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
  timeoutMs: number;
  /** What the environment allows to be reached besides the open internet. */
  reach: readonly string[];
  /** How the bytes of a good answer become text, where that is not plain UTF-8. */
  decode?: RenderedRequest["decode"] | undefined;
}

/** An answer as it came, nothing redacted. Never log it. */
export interface WireAnswer {
  status: number;
  /** Lower-case names; those that came several times joined by commas. */
  headers: Record<string, string>;
  setCookies: string[];
  body: string;
}

/** An answer that is not read to its end. */
export class AnswerTooLarge extends Error {
  override name = "AnswerTooLarge";
}

/** HTTP over keep-alive pools, one for each origin and reach. An answer that leads elsewhere is an answer: nobody goes there. */
export interface Wire {
  /** Throws OutOfReach, AnswerTooLarge, FormatError where an answer is not packed as declared, or what the network gave instead of an answer. */
  send(request: WireRequest): Promise<WireAnswer>;
  close(): Promise<void>;
}

export function openWire(reaches: Reaches): Wire {
  const pools = new Map<string, Pool>();
  const poolOf = (url: URL, allowed: readonly string[]): Pool => {
    const { origin } = url;
    const reach = reaches.of(allowed);
    // A socket once opened is used again without a look at its address, so it is only for those who might have opened it.
    const key = `${origin} ${reach.key}`;
    let pool = pools.get(key);
    if (!pool) {
      const place = placeOf(url);
      reach.check(place);
      const connect = { timeout: CONNECT_TIMEOUT_MS, lookup: reach.lookup(place.port) };
      pool = new Pool(origin, { connections: POOL_CONNECTIONS, connect, pipelining: 1 });
      pools.set(key, pool);
    }
    return pool;
  };
  return {
    async send({ method, url, headers, body, timeoutMs, reach, decode }) {
      const address = new URL(url);
      const { pathname, search } = address;
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await poolOf(address, reach).request({
        method: method as "GET",
        path: pathname + search,
        headers,
        body,
        signal,
      });
      const cookies = response.headers["set-cookie"] ?? [];
      return {
        status: response.statusCode,
        headers: joined(response.headers),
        setCookies: Array.isArray(cookies) ? cookies : [cookies],
        body: await answerText(await bytesOf(response.body as AsyncIterable<Buffer>), response.statusCode, decode),
      };
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

const joined = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(", ") : String(value ?? ""),
    ]),
  );

async function bytesOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_RESPONSE_BYTES) throw new AnswerTooLarge(`The answer is larger than ${MAX_RESPONSE_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A good answer as it is declared; what a system says of an error is plain text. */
const answerText = async (bytes: Buffer, status: number, decode: RenderedRequest["decode"]): Promise<string> =>
  decode === undefined || status < 200 || status >= 300 ? bytes.toString("utf8") : textOf(bytes, decode);

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

/** What became of a request that got no answer. */
export interface WireFailure {
  what: "outOfReach" | "tooLarge" | "notUnpacked" | "unsendable" | "notReached" | "noAnswer" | "broke";
  class: OutcomeClass;
  /** `no` when the request cannot have reached the target. */
  applied: "no" | "maybe";
  code: string;
  hint?: string;
}

export function wireFailure(error: unknown): WireFailure {
  const code = errorCode(error);
  // Like wrong credentials, this is the connection's fault and no document's: it waits until a person has looked at it.
  if (error instanceof OutOfReach) return { what: "outOfReach", class: "auth", applied: "no", code, hint: error.hint };
  if (error instanceof AnswerTooLarge) return { what: "tooLarge", class: "tooLarge", applied: "maybe", code };
  if (error instanceof FormatError) return { what: "notUnpacked", class: "transient", applied: "maybe", code };
  if (unsendable.has(code)) return { what: "unsendable", class: "invalid", applied: "no", code };
  if (neverSent.has(code)) return { what: "notReached", class: "transient", applied: "no", code };
  if (code === "TimeoutError" || code.includes("TIMEOUT")) return { what: "noAnswer", class: "timeout", applied: "maybe", code };
  return { what: "broke", class: "transient", applied: "maybe", code };
}

function errorCode(error: unknown): string {
  const seen = error as { code?: unknown; name?: unknown; cause?: { code?: unknown } } | null;
  for (const each of [seen?.code, seen?.cause?.code, seen?.name]) if (typeof each === "string" && each) return each;
  return "unknown error";
}
