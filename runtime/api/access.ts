import { timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Settings } from "#runtime/settings.ts";
import { sha256 } from "#runtime/store/ids.ts";
import { ApiFailure } from "./errors.ts";
import { sourceAt } from "./validation.ts";

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** True for an address that only this machine can reach. */
export const isLoopback = (host: string): boolean => loopback.test(host) || host === "::1";

/**
 * Who may come in. Without sign-in the server stands on loopback only, and takes only requests that name it by a
 * loopback address, so that no foreign page can reach it through the browser by a name of its own. Where it stands
 * elsewhere, the management API asks for the token.
 */
export function guard(settings: Settings): (request: FastifyRequest) => Promise<void> {
  const open = isLoopback(settings.host);
  return async (request) => {
    // Who comes in at a source proves who it is to the source.
    if (sourceAt(request)) return;
    const bearer = request.headers.authorization?.replace(/^Bearer /i, "");
    if (bearer !== undefined && settings.adminToken && sameText(bearer, settings.adminToken)) return;
    if (open) {
      if (!loopback.test(request.headers.host ?? "")) throw new ApiFailure("foreignHost");
      const origin = request.headers.origin;
      if (origin !== undefined && request.method !== "GET" && !sameOrigin(origin)) throw new ApiFailure("foreignHost");
      return;
    }
    if (request.url.startsWith("/api/v1/") || request.url.startsWith("/metrics")) throw new ApiFailure("unauthorized");
  };
}

function sameOrigin(origin: string): boolean {
  try {
    return isLoopback(new URL(origin).host);
  } catch {
    return false;
  }
}

const sameText = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));

/** Who is named as the author of a change. */
export const actorOf = (request: FastifyRequest): string => (request.headers.authorization ? "token" : "local");
