import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import type { Errand } from "#runtime/oidc/provider.ts";
import { cookieName, isSecure } from "./sessionCookie.ts";

/** Long enough to find a telephone for the second factor. */
const ERRAND_SECONDS = 15 * 60;

/** What a browser takes along to the provider and back, and where it wanted to go. */
export interface Travel extends Errand {
  to: string;
}

const text = Type.String({ minLength: 1 });
const travel = Compile(Type.Object({ state: text, nonce: text, verifier: text, to: text }));

const nameFor = (request: FastifyRequest): string => cookieName(request, "orderloom-errand");

/** `lax`, not `strict`: it must come along when the provider, another site, leads the browser back. */
const options = (request: FastifyRequest) => ({ path: "/", httpOnly: true, sameSite: "lax", secure: isSecure(request) }) as const;

export function giveErrand(request: FastifyRequest, reply: FastifyReply, errand: Travel): void {
  const value = Buffer.from(JSON.stringify(errand)).toString("base64url");
  reply.setCookie(nameFor(request), value, { ...options(request), maxAge: ERRAND_SECONDS });
}

/** Of the browser that asks; undefined when it began none or waited too long. It is good for one way back. */
export function takeErrand(request: FastifyRequest, reply: FastifyReply): Travel | undefined {
  const value = request.cookies[nameFor(request)];
  if (value === undefined) return undefined;
  reply.clearCookie(nameFor(request), options(request));
  try {
    const read: unknown = JSON.parse(Buffer.from(value, "base64url").toString());
    return travel.Check(read) ? read : undefined;
  } catch {
    return undefined;
  }
}
