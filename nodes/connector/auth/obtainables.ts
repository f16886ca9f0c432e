import type { RenewOn } from "#schemas/auth.ts";
import type { Connector } from "#schemas/connector.ts";
import type { ConnectionContext } from "../connection.ts";
import type { Answer } from "../errorRules.ts";
import type { Obtainable } from "./credential.ts";
import type { Evaluate } from "./means.ts";
import { oauth2Credential } from "./oauth2.ts";
import { sessionCredential } from "./session.ts";

/**
 * What has to be asked for before a request of the connector, below a base URL, is authorized; undefined for auth that needs
 * nothing.
 */
export function authCredential(connector: Connector, context: ConnectionContext, base?: string): Obtainable | undefined {
  const { auth, auths = {} } = connector;
  if (auth.type === "oauth2") {
    const own = oauth2Credential(connector, auth, context);
    return base !== undefined && Object.hasOwn(auths, base) ? { ...own, kind: `oauth2 ${base}` } : own;
  }
  if (auth.type === "session") return sessionCredential(connector, auth, context);
  return undefined;
}

/** Whether an answer says that a credential is no longer good. */
export async function saysRenew(renewOn: RenewOn, answer: Answer, evaluate: Evaluate): Promise<boolean> {
  for (const { status, when } of renewOn) {
    if (!status.includes(answer.status)) continue;
    if (when === undefined || (await evaluate(when, answer)) === true) return true;
  }
  return false;
}
