import { randomBytes } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { SESSION_SECONDS } from "#runtime/store/sessions.ts";

const ID_BYTES = 32;

/** An id that cannot be guessed. */
export const newSessionId = (): string => randomBytes(ID_BYTES).toString("base64url");

export const isSecure = (request: FastifyRequest): boolean => request.protocol === "https";
/**
 * Browsers take a cookie with the prefix only over HTTPS, from the host itself, for the whole of it. A server that was put
 * behind HTTPS meets cookies of before, without it; they count no more.
 */
export const cookieName = (request: FastifyRequest, name: string): string => (isSecure(request) ? `__Host-${name}` : name);

const nameFor = (request: FastifyRequest): string => cookieName(request, "orderloom-session");

export const sessionIdOf = (request: FastifyRequest): string | undefined => request.cookies[nameFor(request)];

const options = (request: FastifyRequest) =>
  ({ path: "/", httpOnly: true, sameSite: "strict", secure: isSecure(request) }) as const;

export function giveSession(request: FastifyRequest, reply: FastifyReply, id: string): void {
  reply.setCookie(nameFor(request), id, { ...options(request), maxAge: SESSION_SECONDS });
}

export function takeSession(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(nameFor(request), options(request));
}
