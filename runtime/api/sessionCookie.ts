import { randomBytes } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { SESSION_SECONDS } from "#runtime/store/sessions.ts";

/** Both are looked at: a server that was put behind HTTPS meets cookies of before, which then count no more. */
const plainName = "orderloom-session";
/** Browsers take a cookie of this name only over HTTPS, from the host itself, for the whole of it. */
const secureName = "__Host-orderloom-session";

const ID_BYTES = 32;

/** An id that cannot be guessed. */
export const newSessionId = (): string => randomBytes(ID_BYTES).toString("base64url");

const isSecure = (request: FastifyRequest): boolean => request.protocol === "https";
const nameFor = (request: FastifyRequest): string => (isSecure(request) ? secureName : plainName);

export const sessionIdOf = (request: FastifyRequest): string | undefined => request.cookies[nameFor(request)];

const options = (request: FastifyRequest) =>
  ({ path: "/", httpOnly: true, sameSite: "strict", secure: isSecure(request) }) as const;

export function giveSession(request: FastifyRequest, reply: FastifyReply, id: string): void {
  reply.setCookie(nameFor(request), id, { ...options(request), maxAge: SESSION_SECONDS });
}

export function takeSession(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(nameFor(request), options(request));
}
