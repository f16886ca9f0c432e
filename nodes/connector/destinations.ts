import type { Connector, ConnectorOperation } from "#schemas/connector.ts";
import { baseUrl, type ConnectionContext, tokenUrl } from "./connection.ts";

type Config = ConnectionContext["config"];

/** Settings that say which server is spoken to and how it is known; a secret goes to whatever they name. */
const settings: Partial<Record<ConnectorOperation["transport"], readonly string[]>> = {
  sql: ["dialect", "host", "port", "tls"],
  mail: ["host", "port", "tls"],
  sftp: ["host", "port", "hostKey"],
  sftpDrop: ["host", "port", "hostKey"],
};

/**
 * Where a connection with this config sends its secrets: the origin of each address that the connector makes of it, or what
 * tells one server of another transport from another. Paths are left out: they are below the same roof.
 */
export function destinations(connector: Connector, config: Config): string[] {
  const { baseUrls = {}, auth, auths = {}, operations } = connector;
  const places = [undefined, ...Object.keys(baseUrls)].map((base) => originOf(() => baseUrl(connector, config, base)));
  for (const each of [auth, ...Object.values(auths)]) {
    if (each.type === "oauth2") places.push(originOf(() => tokenUrl(connector, each, { config, secrets: {} })));
  }
  for (const { transport } of Object.values(operations)) {
    const told = settings[transport]?.flatMap((name) => (config[name] === undefined ? [] : [`${name} ${String(config[name])}`]));
    if (told) places.push(told.join(", "));
  }
  return [...new Set(places.flatMap((place) => place ?? []))];
}

function originOf(address: () => string): string | undefined {
  let text: string;
  try {
    text = address();
  } catch {
    // The connector has no such address, or the config lacks what it is made of: nothing is sent there.
    return undefined;
  }
  const { origin } = URL.canParse(text) ? new URL(text) : { origin: "null" };
  return origin === "null" ? text : origin;
}

/** What a change of a connection's config would do to the secrets that it keeps. */
export interface SecretsElsewhere {
  /** Where they have not gone before. */
  places: string[];
  /** Which were not given anew. */
  secrets: string[];
}

/**
 * The secrets that were entered for one place and would go to another, so that they have to be given again: who may change an
 * address need not be who knows the secret. Undefined when there are none.
 */
export function secretsElsewhere(
  connector: Connector,
  kept: { config: Config; secretNames: readonly string[] },
  given: ConnectionContext,
): SecretsElsewhere | undefined {
  const secrets = kept.secretNames.filter((name) => (given.secrets[name] ?? "") === "");
  if (secrets.length === 0) return undefined;
  const known = destinations(connector, kept.config);
  const places = destinations(connector, given.config).filter((place) => !known.includes(place));
  return places.length === 0 ? undefined : { places, secrets };
}
