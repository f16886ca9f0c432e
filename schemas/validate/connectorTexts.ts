import { isObject, objectOf } from "../isObject.ts";
import { escapePointer, pointerSteps } from "../pointer.ts";
import type { ConnectorContext, ExpressionNames, Report } from "./connectorContext.ts";
import { checkNames, checkUse, type ExpressionPlace } from "./connectorNames.ts";
import { quote, sqlTemplate, suggestion } from "./wording.ts";
import { problemOf } from "./words.ts";

type Check = { ok: true; paths?: string[] } | { ok: false; message: string; position?: number | undefined };
type Kind = "expression" | "template" | "path";

/** What the texts of a connector hold, by their place; `*` stands for any one step. */
const places: readonly [pattern: string, kind: Kind][] = [
  ...[
    "errors/*",
    "operations/*/errors/*",
    "operations/*/steps/*/errors/*",
    "operations/*/items/errors/*",
    "operations/*/subscription/errors/*",
  ].flatMap((rule) => ["when", "message", "retryAfter"].map((name): [string, Kind] => [`${rule}/${name}`, "expression"])),
  ...[
    "operations/*/request",
    "operations/*/fetch",
    "operations/*/idempotency/lookup/request",
    "operations/*/steps/*/request",
    "operations/*/acknowledge",
    ...["list", "create", "renew", "delete", "destination/list", "destination/create"].map(
      (request) => `operations/*/subscription/${request}`,
    ),
  ].flatMap((request): [string, Kind][] => [
    [`${request}/path`, "template"],
    [`${request}/query/*`, "template"],
    [`${request}/headers/*`, "template"],
    [`${request}/body`, "expression"],
    [`${request}/fields/*`, "template"],
    [`${request}/graphql/variables`, "expression"],
  ]),
  ["operations/*/request/statements/*/values", "expression"],
  ["operations/*/lifecycle/deprecates/*/config", "expression"],
  ["migrations/*/*/config", "expression"],
  ["operations/*/idempotency/lookup/request/statements/*/values", "expression"],
  ...["address", "success", "result", "until/done", "body"].map((part): [string, Kind] => [
    `operations/*/steps/*/${part}`,
    "expression",
  ]),
  ["operations/*/steps/*/headers/*", "template"],
  ...["key", "subject", "results", "of", "good"].map((part): [string, Kind] => [`operations/*/items/${part}`, "expression"]),
  ["operations/*/idempotency/lookup/found", "expression"],
  ["operations/*/success", "expression"],
  ["operations/*/until/done", "expression"],
  ...["cost", "available", "perSecond"].map((name): [string, Kind] => [`limits/hint/${name}`, "expression"]),
  ["operations/*/result", "expression"],
  ["headers/*", "template"],
  ...["simulator/limit", "simulator/limits/*", "simulator/routes/*/limit"].flatMap((limit): [string, Kind][] => [
    [`${limit}/headers/*`, "template"],
    [`${limit}/body`, "expression"],
    [`${limit}/refuse/body`, "expression"],
    [`${limit}/cost/over/body`, "expression"],
  ]),
  ["simulator/concurrency/refuse/body", "expression"],
  ...["routes", "files", "sends"].flatMap((part): [string, Kind][] => [
    [`simulator/${part}/*/when`, "expression"],
    [`simulator/${part}/*/ledger/key`, "expression"],
    [`simulator/${part}/*/ledger/record`, "expression"],
    [`simulator/${part}/*/ledger/amount`, "expression"],
  ]),
  ...["files/*/answers", "sends"].flatMap((part): [string, Kind][] => [
    [`simulator/${part}/*/path`, "template"],
    [`simulator/${part}/*/body`, "expression"],
  ]),
  ...["to", "body", "secrets"].map((part): [string, Kind] => [`simulator/hooks/*/${part}`, "expression"]),
  ["simulator/hooks/*/headers/*", "template"],
  ["simulator/routes/*/handshake/address", "expression"],
  ["simulator/routes/*/handshake/refuse/body", "expression"],
  ["simulator/routes/*/refuse/*/when", "expression"],
  ["simulator/routes/*/refuse/*/body", "expression"],
  ["simulator/routes/*/respond/body", "expression"],
  ["simulator/routes/*/respond/headers/*", "template"],
  ...["baseUrl", "baseUrls/*", "auth/tokenUrl"].flatMap((address): [string, Kind][] => [
    [address, "path"],
    [`${address}/*`, "path"],
  ]),
  ["systemAccount", "path"],
  ["test/path", "path"],
  ["test/query/*", "path"],
  ...["token", "string", "expiresIn"].map((name): [string, Kind] => [`auth/${name}`, "expression"]),
  ["auth/renewOn/*/when", "expression"],
  ["csrf/renewOn/*/when", "expression"],
  ...["value", "username", "password", "realm", "consumerKey", "consumerSecret", "tokenSecret", "clientId", "clientSecret"].map(
    (name): [string, Kind] => [`auth/${name}`, "path"],
  ),
  ...["refreshToken", "scope", "key", "accessKeyId", "secretAccessKey", "sessionToken", "region"].map((name): [string, Kind] => [
    `auth/${name}`,
    "path",
  ]),
  ...["params/*", "headers/*", "assertion/key", "assertion/keyId", "assertion/claims/*", "assertion/claims/*/*"].map(
    (part): [string, Kind] => [`auth/${part}`, "path"],
  ),
  ...["path", "headers/*", "form/*"].map((part): [string, Kind] => [`auth/login/${part}`, "path"]),
  ["auth/place/headers/*", "path"],
  ["auth/place/query/*", "path"],
  ["csrf/path", "path"],
  ...["key", "keyId", "headers/*"].map((part): [string, Kind] => [`messageSignature/${part}`, "path"]),
  ["restricted/path", "path"],
  ...["body", "token", "expiresIn"].map((part): [string, Kind] => [`restricted/${part}`, "expression"]),
  ...["secret", "username", "password", "signed"].map((part): [string, Kind] => [`operations/*/verify/${part}`, "path"]),
  ...["keyId", "signature", "path"].map((part): [string, Kind] => [`operations/*/verify/${part}`, "path"]),
  ["operations/*/verify/key", "expression"],
  ["operations/*/challenge/signed", "path"],
  ["operations/*/controlNumber/first", "path"],
  ["operations/*/subscription/proof/value", "path"],
  ...["found", "id", "address", "made", "page/next"].map((part): [string, Kind] => [
    `operations/*/subscription/destination/${part}`,
    "expression",
  ]),
  ...["to", "topics", "found", "id", "address", "topic", "current", "expiresAt", "made", "success", "page/next"].map(
    (part): [string, Kind] => [`operations/*/subscription/${part}`, "expression"],
  ),
  ["operations/*/dedupeKey/*", "path"],
  ...["records", "wanted", "page/next", "delta/field", "delta/watermark", "version"].map((part): [string, Kind] => [
    `operations/*/${part}`,
    "expression",
  ]),
  ["operations/*/dedupeKey", "expression"],
];

/** What is a path where somebody sends us a document, and an expression where we ask for it or send it. */
const ofIncoming: readonly string[] = ["documentKey", "documentVersion"];

const patterns = places.map(([pattern, kind]) => ({ steps: pattern.split("/"), kind }));

/** Kinds of auth whose `token` stands in the connection, while the others read it from an answer. */
const holdToken: readonly string[] = ["bearer", "oauth1"];

function kindAt(steps: string[], connector: Record<string, unknown>): Kind | undefined {
  const [first, operation = "", third] = steps;
  const auth = isObject(connector.auth) ? connector.auth : {};
  if (first === "auth" && operation === "token" && holdToken.includes(String(auth.type))) return "path";
  // The body of a login is JSON of any depth.
  if (first === "auth" && operation === "login" && third === "body") return "path";
  if (first === "test" && operation === "body") return "path";
  if (first === "operations" && ofIncoming.includes(third ?? "") && steps.length === 3) {
    const operations = isObject(connector.operations) ? connector.operations : {};
    const found = operations[operation];
    return isObject(found) && ["webhook", "service"].includes(String(found.transport)) ? "path" : "expression";
  }
  const fits = (pattern: string[]) =>
    pattern.length === steps.length && pattern.every((step, i) => step === "*" || step === steps[i]);
  return patterns.find((pattern) => fits(pattern.steps))?.kind;
}

/** Reports expressions, templates and paths of a connector that cannot be read, and paths that lead nowhere. */
export function checkTexts(connector: Record<string, unknown>, context: ConnectorContext, report: Report): void {
  const used = new Map<string, Set<string>>();
  const read = (at: ExpressionPlace, names: readonly ExpressionNames[] = []): void => {
    for (const each of names) checkNames(at, each, connector, report);
    const [first, operation = ""] = at.steps;
    if (first !== "operations") return;
    const known = used.get(operation) ?? new Set();
    used.set(operation, new Set([...known, ...names.flatMap(({ free }) => free.map(({ name }) => name))]));
  };
  const texts = textsOf(connector);
  const sharing = (file: string): string[][] =>
    texts.flatMap(({ pointer, text }) => (text === file && pointer.endsWith("/bodyFile") ? [pointerSteps(pointer)] : []));
  for (const { pointer, text } of texts) {
    const steps = authSteps(pointerSteps(pointer));
    const kind = kindAt(steps, connector);
    const [subject, inner] =
      steps[0] === "operations" ? [`Operation ${quote(steps[1])}`, steps.slice(2)] : ["The connector", steps];
    const place = `${subject}: ${quote(inner.join("/"))}`;
    if (kind === undefined) {
      const mapping = steps.at(-1) === "bodyFile" ? ownText(context.mappings, text) : undefined;
      // What cannot be read of it is said where the file is looked for.
      if (mapping !== undefined && context.checkExpression?.(mapping).ok)
        read(
          { steps, pointer, place: `${subject}: the mapping ${quote(text)}`, shared: sharing(text) },
          ofOne(context.namesIn?.(mapping)),
        );
      if (steps.at(-1) === "statement" && text.includes("{{")) report(problemOf(sqlTemplate("The connector", pointer)));
      continue;
    }
    const check: Check | undefined = {
      expression: context.checkExpression,
      template: context.checkTemplate,
      path: context.readPaths,
    }[kind]?.(text);
    if (check?.ok === false) {
      const { position } = check;
      const where = position === undefined ? "" : ` at character ${position}`;
      const what = kind === "expression" ? "is an expression" : "is a template";
      const message = `${place} ${what} that cannot be read${where}: ${check.message}`;
      const hint = kind === "path" ? "Only plain paths stand in {{ }} here." : "Correct the expression.";
      report({ code: "expression.invalid", pointer, message, hint, ...(position === undefined ? {} : { position }) });
    } else if (check?.ok && check.paths) checkPaths(check.paths, steps, place, pointer, connector, report);
    else if (check?.ok && kind === "expression") read({ steps, pointer, place }, ofOne(context.namesIn?.(text)));
    else if (check?.ok && kind === "template") read({ steps, pointer, place }, context.namesInTemplate?.(text));
  }
  if (!context.namesIn) return;
  for (const [name, operation] of Object.entries(isObject(connector.operations) ? connector.operations : {})) {
    if (isObject(operation)) checkUse(name, operation, used.get(name) ?? new Set(), report);
  }
}

const ofOne = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

const ownText = (texts: Readonly<Record<string, string>> | undefined, name: string): string | undefined =>
  texts && Object.hasOwn(texts, name) ? texts[name] : undefined;

/** What a further auth has is what the first has. */
const authSteps = ([first = "", second = "", ...rest]: string[]): string[] =>
  first === "auths" ? ["auth", ...rest] : second === "" && rest.length === 0 ? [first] : [first, second, ...rest];

/** Paths must start where something is, and name a property of the connection. */
function checkPaths(
  paths: string[],
  steps: string[],
  place: string,
  pointer: string,
  connector: Record<string, unknown>,
  report: Report,
): void {
  const ofMessage = steps[0] === "operations" && !ofTheConnection.includes(steps[2] ?? "");
  // A secret in an address would stand in the logs of whatever lies between.
  const ofConnection =
    steps[0] === "test" || steps[2] === "controlNumber" ? ["config"] : ["config", "secrets", ...knownBeside(steps)];
  const signed = steps[2] === "verify" && steps[3] === "signed";
  // The shape of the header's JSON is the system's.
  if (steps[2] === "verify" && ["keyId", "signature"].includes(steps[3] ?? "")) return;
  const roots = signed ? ["body", "timestamp", "headers"] : ofMessage ? ["body", "headers"] : ofConnection;
  for (const path of paths) {
    const [root = "", name = ""] = path.split(".");
    if (!roots.includes(root)) {
      const message = `${place} reads ${quote(path)}, but only ${roots.join(" and ")} can be read there.`;
      report({ code: "connector.unknownPath", pointer, message, hint: `Start the path with ${roots.join(" or ")}.` });
    } else if (root === "config" || root === "secrets")
      checkProperty(root === "secrets", name, place, pointer, connector, report);
  }
}

/** Parts of an operation whose paths read what the connection has, not what came in. */
const ofTheConnection: readonly string[] = ["verify", "challenge", "subscription", "controlNumber"];

/** What paths can read besides the connection. */
function knownBeside([first, second, third, fourth]: string[]): string[] {
  if (third === "subscription") return ["address"];
  if (third === "challenge") return ["challenge", "address"];
  if (third === "verify" && fourth === "path") return ["keyId"];
  if (first !== "auth") return [];
  if (second === "place") return ["token", "signature", "uuid", "now", "timestamp", "timestampMs"];
  return second === "assertion" ? ["tokenUrl"] : [];
}

function checkProperty(
  secret: boolean,
  name: string,
  place: string,
  pointer: string,
  connector: Record<string, unknown>,
  report: Report,
): void {
  const properties = isObject(connector.connection) ? connector.connection.properties : undefined;
  const all = Object.entries(objectOf(properties));
  const known = all.filter(([, schema]) => (isObject(schema) && schema["x-secret"] === true) === secret).map(([key]) => key);
  if (known.includes(name)) return;
  const kind = secret ? "secret" : "setting";
  const message = `${place} reads the ${kind} ${quote(name)}, which the connection does not have.`;
  report({ code: "connector.unknownSetting", pointer, message, hint: suggestion(name, known, `${kind}s`) });
}

/** Every text in a document, with its pointer. */
function textsOf(value: unknown, pointer = ""): { pointer: string; text: string }[] {
  if (typeof value === "string") return [{ pointer, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => textsOf(child, `${pointer}/${escapePointer(key)}`));
}
