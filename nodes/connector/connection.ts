import type { Connector } from "#schemas/connector.ts";
import { plainPathTemplate } from "../expression/template.ts";

/** What auth and webhook templates see of a connection: `{{ config.x }}` and `{{ secrets.y }}`. */
export interface ConnectionContext {
  config: Readonly<Record<string, unknown>>;
  secrets: Readonly<Record<string, string>>;
}

/**
 * Fills in a plain-path template from a connection. Throws a sentence that names what the connection lacks, never what
 * it has.
 */
export function fillIn(template: string, context: Partial<ConnectionContext>): string {
  const filled = plainPathTemplate(template);
  const text = filled(context);
  if (text === "" && filled.paths.length > 0) throw new Error(`The connection lacks ${filled.paths.join(" or ")}.`);
  return text;
}

/** The stable account on the other side. Throws when the config does not give it. */
export const systemAccount = (connector: Connector, config: ConnectionContext["config"]): string =>
  fillIn(connector.systemAccount, { config });

/** Where requests go, without a slash at the end. Throws when neither connector nor config says. */
export function baseUrl(connector: Connector, config: ConnectionContext["config"]): string {
  if (connector.baseUrl === undefined) throw new Error(`The connector ${connector.title} has no base URL.`);
  return fillIn(connector.baseUrl, { config }).replace(/\/+$/, "");
}
