import type { Connector } from "#schemas/connector.ts";

/** The connector with the auth that its requests below a base URL have. */
export function authBelow(connector: Connector, base: string | undefined): Connector {
  const auth = base === undefined || !Object.hasOwn(connector.auths ?? {}, base) ? undefined : connector.auths?.[base];
  return auth === undefined ? connector : { ...connector, auth };
}
