import type { FastifyRequest, RouteOptions } from "fastify";
import { comingFrom, type Origin } from "#runtime/store/origin.ts";

/** What the audit keeps of a client's own words about itself. */
const MAX_AGENT = 200;

export const originOf = ({ ip, headers }: FastifyRequest): Origin => ({
  address: ip,
  agent: (headers["user-agent"] ?? "").slice(0, MAX_AGENT),
});

/** Lets the audit know where the changes of a route come from. */
export function tellOrigin(route: RouteOptions): void {
  if (route.method === "GET" || route.method === "HEAD") return;
  const { handler } = route;
  route.handler = function (request, reply) {
    return comingFrom(originOf(request), () => handler.call(this, request, reply));
  };
}
