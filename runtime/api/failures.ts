import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DatabaseError } from "pg";
import { FlowArchived } from "#runtime/store/archive.ts";
import { isDatabaseAway } from "#runtime/store/database.ts";
import { VersionRetired } from "#runtime/store/retired.ts";
import type { App } from "./app.ts";
import { ApiFailure } from "./errors.ts";
import { sourceAt } from "./validation.ts";

/** The largest bodies of sources and of the management API, in bytes. */
export interface BodyLimits {
  source: number;
  management: number;
}

type Raw = Error & { statusCode?: number; code?: string };

/** SQLSTATE of text that PostgreSQL cannot hold; the caller sent it, wherever it got past the checks. */
const unstorable = new Set(["22021", "22P05"]);

/** Makes every error an answer of the catalogue. */
export function errorHandling(app: App, limits: BodyLimits): void {
  app.setErrorHandler((error: Raw, request, reply) => answerFailure(toFailure(error, request, limits), error, request, reply));
}

/** Answers errors that arise before a route is found: an address that cannot be decoded, or is too long. */
export function frameworkErrors(error: Raw, request: FastifyRequest, reply: FastifyReply): void {
  const source = sourceAt(request);
  const failure = source
    ? new ApiFailure(source)
    : error.code === "FST_ERR_MAX_PARAM_LENGTH"
      ? new ApiFailure("notFound", { what: `${request.method} ${shortened(request.url)}` })
      : new ApiFailure("badRequest", { detail: "its address cannot be decoded." });
  void answerFailure(failure, error, request, reply);
}

function answerFailure(failure: ApiFailure, error: Raw, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (failure.statusCode >= 500) request.log.error({ err: error, cause: error.cause }, failure.message);
  if (failure.retryAfterSeconds !== undefined) reply.header("retry-after", String(failure.retryAfterSeconds));
  return reply.code(failure.statusCode).type("application/json; charset=utf-8").send(failure.toBody());
}

function toFailure(error: Raw, request: FastifyRequest, limits: BodyLimits): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (error instanceof VersionRetired) return new ApiFailure("versionRetired", { number: error.number });
  if (error instanceof FlowArchived) return new ApiFailure("flowArchived", { flow: error.flow });
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new ApiFailure("bodyTooLarge", { limit: sourceAt(request) ? limits.source : limits.management });
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return new ApiFailure("unsupportedMediaType", { type: request.headers["content-type"] ?? "of the body" });
  if (error instanceof DatabaseError && unstorable.has(error.code ?? ""))
    return new ApiFailure("badRequest", { detail: "it has text that cannot be stored." }, { cause: error });
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500)
    return new ApiFailure("badRequest", { detail: sentence(error.message) });
  if (isDatabaseAway(error)) return new ApiFailure("databaseAway", {}, { cause: error });
  // What went wrong inside is nobody's business who can only ask: it may name hosts, statements, contents.
  return new ApiFailure("internal", { id: request.id }, { cause: error });
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Nothing in the address of an error answer needs more. */
const LONGEST_ADDRESS = 200;

/** The path of an address, cut where it is long; the cut is shown. */
export function shortened(url: string): string {
  const path = url.split("?")[0] ?? "";
  return path.length > LONGEST_ADDRESS ? `${path.slice(0, LONGEST_ADDRESS)}…` : path;
}

/** Answers what is no HTTP at all; there is no request to speak of yet. */
export function clientErrorHandler(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return;
  const body = JSON.stringify(new ApiFailure("badRequest", { detail: reasons[error.code ?? ""] ?? "it is no HTTP." }).toBody());
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const reasons: Record<string, string> = {
  HPE_HEADER_OVERFLOW: "its headers are too large.",
  ERR_HTTP_REQUEST_TIMEOUT: "it did not arrive in time.",
};
