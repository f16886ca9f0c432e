import type { Address, OAuth2 } from "#schemas/auth.ts";
import type { Connector } from "#schemas/connector.ts";
import { plainPathTemplate } from "../expression/template.ts";

/** What auth and webhook templates see of a connection: `{{ config.x }}` and `{{ secrets.y }}`. */
export interface ConnectionContext {
  config: Readonly<Record<string, unknown>>;
  secrets: Readonly<Record<string, string>>;
}

/**
 * Fills in a plain-path template from a connection and what else is known. Throws a sentence that names what the
 * connection lacks, never what it has.
 */
export function fillIn(template: string, context: Partial<ConnectionContext>): string {
  const filled = plainPathTemplate(template);
  const text = filled(context);
  if (text === "" && filled.paths.length > 0) throw new Error(`The connection lacks ${filled.paths.join(" or ")}.`);
  return text;
}

/** The same for every value of a map, such as headers. */
export const fillInAll = (
  templates: Readonly<Record<string, string>> | undefined,
  context: Partial<ConnectionContext>,
): Record<string, string> =>
  Object.fromEntries(Object.entries(templates ?? {}).map(([name, template]) => [name, fillIn(template, context)]));

/** The stable account on the other side. Throws when the config does not give it. */
export const systemAccount = (connector: Connector, config: ConnectionContext["config"]): string =>
  fillIn(connector.systemAccount, { config });

/** An address, of the server that the connection's setting `server` names where there are several. */
export function fillInAddress(address: Address, context: Partial<ConnectionContext>): string {
  if (typeof address === "string") return fillIn(address, context);
  const server = context.config?.server ?? "production";
  if (server === "production" || server === "sandbox") return fillIn(address[server], context);
  throw new Error(`The connection's setting "server" is ${JSON.stringify(server)}; there are production and sandbox.`);
}

/**
 * Where requests go, without a slash at the end: below the connector's own base URL, or the further one that is named. Throws
 * when neither connector nor config says.
 */
export function baseUrl(connector: Connector, config: ConnectionContext["config"], base?: string): string {
  if (connector.baseUrl === undefined) throw new Error(`The connector ${connector.title} has no base URL.`);
  const own = typeof config.baseUrl === "string" ? config.baseUrl : "";
  // Not for a single address: what it is made of may be more than the setting.
  const address =
    typeof connector.baseUrl !== "string" && own !== "" ? own : fillInAddress(declaredBase(connector, base), { config });
  return address.replace(/\/+$/, "");
}

function declaredBase(connector: Connector, base: string | undefined): Address {
  const { baseUrl: first, baseUrls = {} } = connector;
  const address = base === undefined ? first : Object.hasOwn(baseUrls, base) ? baseUrls[base] : undefined;
  if (address === undefined) throw new Error(`The connector ${connector.title} has no base URL "${base ?? ""}".`);
  return address;
}

/** Where a token is asked for: the setting `tokenUrl`, for a proxy or a test, else what the connector says. Throws as `baseUrl`. */
export function tokenUrl(connector: Connector, auth: OAuth2, context: ConnectionContext): string {
  const own = typeof context.config.tokenUrl === "string" ? context.config.tokenUrl : "";
  const address = own === "" ? fillInAddress(auth.tokenUrl, context) : own;
  return address.startsWith("/") ? baseUrl(connector, context.config) + address : address;
}
