import type { Session } from "#schemas/auth.ts";
import type { Connector } from "#schemas/connector.ts";
import { baseUrl, type ConnectionContext, fillIn, fillInAll } from "../connection.ts";
import type { CredentialRequest, Obtainable } from "./credential.ts";
import { readCredential } from "./readCredential.ts";

/** A session that is begun by a login, such as Odoo's or Tryton's. */
export function sessionCredential(connector: Connector, auth: Session, context: ConnectionContext): Obtainable {
  return {
    kind: "session",
    refreshOf: "",
    renewOn: auth.renewOn ?? [{ status: [401] }],
    request: async () => loginRequest(connector, auth.login, context),
    read: (answer, askedAt, evaluate) =>
      readCredential(
        { system: connector.title, token: auth.token, lifetimeS: auth.lifetimeSeconds, earlyS: 0 },
        answer,
        context,
        askedAt,
        evaluate,
      ),
  };
}

function loginRequest(connector: Connector, login: Session["login"], context: ConnectionContext): CredentialRequest {
  const { body, type } = loginBody(login, context);
  return {
    method: login.method,
    url: baseUrl(connector, context.config, login.base) + fillIn(login.path, context),
    headers: {
      accept: "application/json",
      ...(type === undefined ? {} : { "content-type": type }),
      ...fillInAll(login.headers, context),
    },
    body,
    hidden: [],
  };
}

function loginBody(login: Session["login"], context: ConnectionContext): { body: string | null; type?: string } {
  if (login.form) {
    const body = new URLSearchParams(fillInAll(login.form, context)).toString();
    return { body, type: "application/x-www-form-urlencoded" };
  }
  if (login.body === undefined) return { body: null };
  return { body: JSON.stringify(filled(login.body, context)), type: "application/json" };
}

/** JSON with every text in it filled in. */
export function filled(value: unknown, context: ConnectionContext): unknown {
  if (typeof value === "string") return fillIn(value, context);
  if (Array.isArray(value)) return value.map((each) => filled(each, context));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, context)]));
}
