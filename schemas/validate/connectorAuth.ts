import { isObject, objectOf } from "../isObject.ts";
import { pointerOf } from "../pointer.ts";
import type { Report } from "./connectorContext.ts";
import { quote, suggestion } from "./wording.ts";

type Json = Record<string, unknown>;

const grantNeeds: Readonly<Record<string, string>> = { refreshToken: "refreshToken", jwtBearer: "assertion" };

const clientNeeds: Readonly<Record<string, readonly string[]>> = {
  basic: ["clientId", "clientSecret"],
  body: ["clientId", "clientSecret"],
  assertion: ["assertion"],
};

/** What the kinds of auth need beyond their shape. */
export function checkAuth(connector: Json, report: Report): void {
  const { auth } = connector;
  if (isObject(auth) && auth.type === "apiKey") checkApiKey(auth, report);
  if (isObject(auth) && auth.type === "oauth2") checkOAuth2(auth, ["auth"], report);
  checkAuths(connector, report);
  checkMessageSignature(connector, report);
  for (const [pointer, address] of [
    ["/baseUrl", connector.baseUrl],
    ...Object.entries(isObject(connector.baseUrls) ? connector.baseUrls : {}).map(
      ([name, address]) => [pointerOf("baseUrls", name), address] as const,
    ),
    ["/auth/tokenUrl", isObject(auth) ? auth.tokenUrl : undefined],
  ] as const)
    if (isObject(address)) checkServers(connector, pointer, report);
}

/** Headers that requests have whatever the connector says. */
const always: readonly string[] = ["content-digest", "content-type", "accept", "user-agent", "authorization"];

const namesOf = (headers: unknown): string[] => (isObject(headers) ? Object.keys(headers).map((name) => name.toLowerCase()) : []);

function checkMessageSignature({ messageSignature: signing, headers }: Json, report: Report): void {
  if (!isObject(signing) || !Array.isArray(signing.components)) return;
  const { components } = signing;
  const own = namesOf(signing.headers);
  const sent = [...always, ...namesOf(headers), ...own];
  const say = (code: string, pointer: string, what: string, hint: string): void =>
    report({ code, pointer, message: `The connector: "messageSignature" ${what}.`, hint });
  for (const [place, name] of components.entries()) {
    if (typeof name !== "string" || name.startsWith("@") || sent.includes(name)) continue;
    const what = `signs the header ${quote(name)}, which its requests do not have`;
    const hint = 'Add it to "headers" of the connector or of the signature, or leave it out.';
    say("connector.signsNoHeader", pointerOf("messageSignature", "components", place), what, hint);
  }
  for (const name of own) {
    if (components.includes(name)) continue;
    const what = `sends the header ${quote(name)}, but does not sign it`;
    say("connector.headerNotSigned", "/messageSignature/headers", what, 'Add it to "components".');
  }
  if (signing.digest !== undefined && !components.includes("content-digest"))
    say(
      "connector.digestNotSigned",
      "/messageSignature/digest",
      "has a digest, but does not sign it",
      'Add "content-digest" to "components".',
    );
  if (typeof signing.key === "string" && !signing.key.includes("secrets."))
    say(
      "connector.keyNotSecret",
      "/messageSignature/key",
      "has a key that is no secret of the connection",
      'Name one, such as "{{ secrets.signingKey }}".',
    );
}

function checkApiKey(auth: Json, report: Report): void {
  if ((auth.header === undefined) !== (auth.query === undefined)) return;
  const message = `The connector: "auth" has ${auth.header === undefined ? 'neither "header" nor' : 'both "header" and'} "query".`;
  report({ code: "connector.apiKeyPlace", pointer: "/auth", message, hint: "Say in one of them where the key goes." });
}

/** An auth is for a base URL that there is. */
function checkAuths({ auths, baseUrls }: Json, report: Report): void {
  const bases = Object.keys(objectOf(baseUrls));
  for (const [base, auth] of Object.entries(objectOf(auths))) {
    if (isObject(auth)) checkOAuth2(auth, ["auths", base], report);
    if (bases.includes(base)) continue;
    const message = `The connector: "auths" names the base URL ${quote(base)}, which "baseUrls" does not have.`;
    report({
      code: "connector.unknownBase",
      pointer: pointerOf("auths", base),
      message,
      hint: suggestion(base, bases, "base URLs"),
    });
  }
}

function checkOAuth2(auth: Json, way: string[], report: Report): void {
  const needs = [
    ...[grantNeeds[String(auth.grant)] ?? []].flat().map((name) => [name, `grant ${quote(auth.grant)}`]),
    ...(clientNeeds[String(auth.clientAuth)] ?? []).map((name) => [name, `clientAuth ${quote(auth.clientAuth)}`]),
  ];
  for (const [name = "", why = ""] of new Map(needs as [string, string][])) {
    if (auth[name] !== undefined) continue;
    const message = `The connector: ${quote(way.join("/"))} has no ${quote(name)}, which ${why} needs.`;
    report({ code: "connector.authLacks", pointer: pointerOf(...way, name), message, hint: `Add ${quote(name)}.` });
  }
}

/** Which of several servers a connection talks to is a setting of it. */
function checkServers({ connection }: Json, pointer: string, report: Report): void {
  const properties = isObject(connection) && isObject(connection.properties) ? connection.properties : {};
  if (isObject(properties.server)) return;
  const message = `The connector: ${quote(pointer.slice(1))} names several servers, but the connection has no setting "server".`;
  const hint = 'Add the property "server" with the values "production" and "sandbox".';
  report({ code: "connector.noServer", pointer: "/connection/properties/server", message, hint });
}
