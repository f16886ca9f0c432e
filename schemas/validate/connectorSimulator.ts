import { isObject } from "../isObject.ts";
import { pointerOf } from "../pointer.ts";
import type { Report } from "./connectorContext.ts";
import { quote, suggestion } from "./wording.ts";

/** A limit of the simulated system that an address names is there: without it the address would have none. */
export function checkSimulator({ simulator }: Record<string, unknown>, report: Report): void {
  if (!isObject(simulator) || !Array.isArray(simulator.routes)) return;
  const declared = Object.keys(isObject(simulator.limits) ? simulator.limits : {});
  for (const [index, route] of simulator.routes.entries()) {
    const limit: unknown = isObject(route) ? route.limit : undefined;
    if (typeof limit !== "string" || declared.includes(limit)) continue;
    const message = `The connector: an address of its simulator names the limit ${quote(limit)}, which "limits" does not have.`;
    const pointer = pointerOf("simulator", "routes", String(index), "limit");
    report({ code: "connector.unknownLimit", pointer, message, hint: suggestion(limit, declared, "limits") });
  }
}
