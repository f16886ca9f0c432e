import { Connector } from "../connector.ts";
import { isObject, objectOf } from "../isObject.ts";
import { escapePointer, pointerOf } from "../pointer.ts";
import type { Problem } from "../problem.ts";
import { checkAuth } from "./connectorAuth.ts";
import { checkBases } from "./connectorBases.ts";
import type { ConnectorContext, Report } from "./connectorContext.ts";
import { checkLifecycle } from "./connectorLifecycle.ts";
import { checkPlain } from "./connectorPlain.ts";
import { checkSimulator } from "./connectorSimulator.ts";
import { checkSubscription, checkToken } from "./connectorSubscription.ts";
import { checkTexts } from "./connectorTexts.ts";
import { isFillable } from "./fills.ts";
import { hostileProblem } from "./hostile.ts";
import { retryFinding } from "./retries.ts";
import { schemaUnusable } from "./schemaFaults.ts";
import { type NameOf, shapeProblems } from "./shape.ts";
import { quote, suggestion } from "./wording.ts";
import { plain } from "./words.ts";

/**
 * Everything that is wrong with a connector file, one sentence for each cause, with the JSON pointer and a hint.
 * Takes any value and never throws.
 */
export function validateConnector(document: unknown, context: ConnectorContext = {}): Problem[] {
  const hostile = hostileProblem(document);
  if (hostile) return [hostile];
  const problems = shapeProblems(Connector, document, nameInConnector);
  if (!isObject(document)) return problems;
  const report: Report = (problem) => problems.push({ severity: "error", ...problem });
  checkSchema(document.connection, "/connection", "The connection", report);
  checkTexts(document, context, report);
  checkAuth(document, report);
  checkBases(document, report);
  checkLifecycle(document, report);
  checkSimulator(document, report);
  checkPlain(document, report);
  for (const [name, operation] of Object.entries(isObject(document.operations) ? document.operations : {})) {
    if (isObject(operation)) checkOperation(document, name, operation, context, report);
  }
  return problems;
}

const nameInConnector: NameOf = (steps) => {
  const [part, name, ...rest] = steps;
  return part === "operations" && name !== undefined
    ? { name: `Operation ${quote(name)}`, rest }
    : { name: "The connector", rest: steps };
};

type Json = Record<string, unknown>;

function checkSchema(schema: unknown, pointer: string, subject: string, report: Report): void {
  if (!isObject(schema)) return;
  const reason = schemaUnusable(schema);
  if (reason === undefined) return;
  const message = `${subject} has a JSON Schema that cannot be used: ${reason}.`;
  report({ code: "connector.schemaUnusable", pointer, message, hint: "Correct it by JSON Schema 2020-12." });
}

function checkOperation(connector: Json, name: string, operation: Json, context: ConnectorContext, report: Report): void {
  const at = (...way: string[]) => pointerOf("operations", name, ...way);
  const subject = `Operation ${quote(name)}`;
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
    const hint = "Start with a small letter; use letters and digits only, such as createOrder.";
    report({ code: "connector.operationName", pointer: at(), message: `${subject} has a name that is no operation name.`, hint });
  }
  checkSchema(operation.config, at("config"), subject, report);
  checkSamples(operation, subject, at, context, report);
  const effect = operation.kind === "sink" || operation.kind === "lookup";
  const asks = operation.fetch !== undefined || operation.subscription !== undefined;
  const sends = effect || operation.transport === "poll" || asks;
  if (sends) checkBodies(operation, subject, at, context, report);
  checkFills(operation, subject, at, report);
  if (sends && overHttp(operation) && connector.baseUrl === undefined) {
    const message = `${subject} sends requests, but the connector has no "baseUrl".`;
    report({ code: "connector.noBaseUrl", pointer: "/baseUrl", message, hint: 'Add "baseUrl", such as "{{ config.baseUrl }}".' });
  }
  if (operation.restricted !== undefined && connector.restricted === undefined) {
    const message = `${subject} needs a restricted token, but the connector does not say how one is asked for.`;
    const hint = 'Add "restricted" to the connector: path, body, token and expiresIn.';
    report({ code: "connector.noRestrictedToken", pointer: at("restricted"), message, hint });
  }
  if (operation.transport === "webhook") checkPointer(operation, subject, at, report);
  checkSignedTime(operation, subject, at, report);
  checkSubscription(operation, subject, at, report);
  checkToken(operation, subject, at, report);
  if (!effect) return;
  if (operation.kind === "sink" && operation.documentKey === undefined) {
    const message = `${subject} writes, but has no "documentKey" to tell one document from another.`;
    report({
      code: "connector.noDocumentKey",
      pointer: at("documentKey"),
      message,
      hint: "Without it the same order could be posted twice.",
    });
  }
  if (operation.until !== undefined && operation.kind !== "lookup") {
    const message = `${subject} writes and has "until": asked again it would be written again.`;
    const hint = "Wait for the job with a lookup of its own, by the id that this one's result gives.";
    report({ code: "connector.untilOfSink", pointer: at("until"), message, hint });
  }
  checkIdempotency(operation, subject, at, report);
  checkControlNumber(operation, subject, at, report);
  checkPages(operation, subject, at, report);
  checkItems(operation, subject, at, report);
  checkRetry(operation, subject, at, report);
  checkCanonical(operation, subject, at, context, report);
}

type At = (...way: string[]) => string;

/** Whether an operation's requests go to a web address: not those to a database, a mailbox or a folder. */
const overHttp = ({ transport, request }: Json): boolean =>
  ["http", "webhook"].includes(String(transport)) ||
  (transport === "poll" && isObject(request) && request.statements === undefined);

/** What a node may fill in are places that there are; none that says what a connection may do. */
function checkFills({ config }: Json, subject: string, at: At, report: Report): void {
  const properties = isObject(config) && isObject(config.properties) ? config.properties : {};
  for (const [name, schema] of Object.entries(properties)) {
    const place = isObject(schema) ? schema["x-fills"] : undefined;
    if (place === undefined || (typeof place === "string" && isFillable(place))) continue;
    const message = `${subject}: ${quote(name)} of its config fills ${quote(String(place))}, which no node may fill.`;
    const hint = "Name a place such as /request/path, /request/body or /success.";
    report({ code: "connector.unfillable", pointer: at("config", "properties", name, "x-fills"), message, hint });
  }
}

/** What says how to fetch a document does nothing where nothing is fetched. */
function checkPointer(operation: Json, subject: string, at: At, report: Report): void {
  if (operation.fetch !== undefined) {
    checkRetry(operation, subject, at, report);
    return;
  }
  for (const name of ["success", "result", "errors", "retry"].filter((each) => operation[each] !== undefined)) {
    const message = `${subject} has ${quote(name)}, but fetches nothing.`;
    const hint = `Add "fetch", the request for what the webhook points at, or take ${quote(name)} away.`;
    report({ code: "connector.fetchesNothing", pointer: at(name), message, hint });
  }
}

/** A time that is not signed can be written anew by whoever overheard the rest. */
function checkSignedTime({ verify }: Json, subject: string, at: At, report: Report): void {
  if (!isObject(verify) || verify.timestamp === undefined || String(verify.signed ?? "").includes("timestamp")) return;
  const message = `${subject}: "verify" has a "timestamp", but it does not stand in "signed".`;
  const hint = 'Say what is signed, such as "{{ timestamp }}.{{ body }}".';
  report({ code: "connector.timeUnsigned", pointer: at("verify", "signed"), message, hint });
}

/** A database notes the key itself, and a folder knows a file by its name. */
const notesKey = ({ transport }: Json): boolean => ["sql", "fileDrop", "sftpDrop"].includes(String(transport));

function checkIdempotency(operation: Json, subject: string, at: At, report: Report): void {
  const { idempotency } = operation;
  if (!isObject(idempotency)) return;
  if (idempotency.keptMs !== undefined && idempotency.mode !== "key") {
    const message = `${subject} says how long a key is kept, but its idempotency is ${quote(String(idempotency.mode))}.`;
    const hint = 'Take "keptMs" away, or send a key.';
    report({ code: "connector.keyKept", pointer: at("idempotency", "keptMs"), message, hint });
  }
  const header = notesKey(operation) ? undefined : "header";
  const needs = { key: header, lookup: "lookup" }[String(idempotency.mode)];
  if (!notesKey(operation) && idempotency.mode === "key" && idempotency.field !== undefined) {
    checkKeyField(operation, subject, at, report);
    return;
  }
  if (needs === undefined || idempotency[needs] !== undefined) return;
  const message = `${subject}: idempotency ${quote(idempotency.mode)} needs ${quote(needs)}, which is missing.`;
  const hint =
    needs === "header"
      ? "Name the header that carries the effect key, or the field of the body."
      : "Say how to ask whether the document is there.";
  report({ code: "connector.idempotency", pointer: at("idempotency", needs), message, hint });
}

/** The effect key stands in one place, and in a body that is an object: JSON, a form, a GraphQL question. */
function checkKeyField({ request, idempotency }: Json, subject: string, at: At, report: Report): void {
  const { body, bodyFile, graphql, fields, encode } = objectOf(request);
  const none = [body, bodyFile, graphql, fields].every((each) => each === undefined);
  const two = isObject(idempotency) && idempotency.header !== undefined;
  const fault = two
    ? '"header" and "field"'
    : none
      ? "no body"
      : encode === undefined
        ? undefined
        : 'a body that "encode" writes';
  if (fault === undefined) return;
  const message = `${subject} names a field for the effect key, but has ${fault}.`;
  report({
    code: "connector.keyField",
    pointer: at("idempotency", "field"),
    message,
    hint: "Use a header, or a field of a JSON body.",
  });
}

/** A number belongs to one effect, and stands in its one request. */
function checkControlNumber({ controlNumber, kind, steps }: Json, subject: string, at: At, report: Report): void {
  if (controlNumber === undefined || (kind === "sink" && steps === undefined)) return;
  const message = `${subject} has "controlNumber", but ${kind === "sink" ? 'has "steps"' : "writes nothing"}.`;
  const hint = "Only what a sink writes by one request is numbered: take it away.";
  report({ code: "connector.numbersNothing", pointer: at("controlNumber"), message, hint });
}

/** Pages are asked for one after the other: a write would be sent as often, and what else follows an answer has no place. */
function checkPages(operation: Json, subject: string, at: At, report: Report): void {
  if (operation.page === undefined) return;
  const { page } = operation;
  // Records that come with two pages would be twice in what a lookup puts together.
  const other =
    isObject(page) && page.overlaps ? "overlaps" : ["steps", "until", "items"].find((name) => operation[name] !== undefined);
  const fault =
    operation.kind !== "lookup" || operation.transport !== "http" ? "is no lookup over HTTP" : other && `has ${quote(other)}`;
  if (fault === undefined) return;
  const message = `${subject} has "page", but ${fault}.`;
  const hint = "Read page by page with a lookup of its own.";
  report({ code: "connector.pagesOf", pointer: at("page"), message, hint });
}

/** A document of a batch that was refused goes on alone, under a key of its own: only what is natural may be sent so. */
function checkItems({ items, kind, idempotency }: Json, subject: string, at: At, report: Report): void {
  if (!isObject(items) || items.list === undefined || kind !== "sink") return;
  if (isObject(idempotency) && idempotency.mode === "natural") return;
  const message = `${subject} sends many documents at once ("items" has a "list"), but its idempotency is not "natural".`;
  const hint = "One that is refused is sent again alone: sending a document twice must do no harm. Else send them one by one.";
  report({ code: "connector.itemsNotNatural", pointer: at("items", "list"), message, hint });
}

function checkBodies(operation: Json, subject: string, at: At, context: ConnectorContext, report: Report): void {
  const lookup = isObject(operation.idempotency) ? operation.idempotency.lookup : undefined;
  const requests: [unknown, string[]][] = [
    [operation.request, ["request"]],
    [operation.fetch, ["fetch"]],
    [operation.acknowledge, ["acknowledge"]],
    [isObject(lookup) ? lookup.request : undefined, ["idempotency", "lookup", "request"]],
    ...stepsOf(operation).map((step, i): [unknown, string[]] =>
      step.request === undefined ? [step, ["steps", String(i)]] : [step.request, ["steps", String(i), "request"]],
    ),
  ];
  for (const [request, way] of requests) {
    if (!isObject(request) || typeof request.bodyFile !== "string") continue;
    const pointer = at(...way, "bodyFile");
    if (request.body !== undefined) {
      const message = `${subject} has both "body" and "bodyFile" in ${quote(way.join("/"))}.`;
      report({ code: "connector.twoBodies", pointer, message, hint: "Keep one of them." });
    } else if (context.mappings) checkMapping(request.bodyFile, context.mappings, pointer, subject, context, report);
  }
}

const stepsOf = ({ steps }: Json): Json[] => (Array.isArray(steps) ? steps.filter(isObject) : []);

function checkMapping(
  file: string,
  mappings: Readonly<Record<string, string>>,
  pointer: string,
  subject: string,
  { checkExpression }: ConnectorContext,
  report: Report,
): void {
  const text = Object.hasOwn(mappings, file) ? mappings[file] : undefined;
  if (text === undefined) {
    const hint = suggestion(file, Object.keys(mappings), "mapping files");
    report({
      code: "connector.noMapping",
      pointer,
      message: `${subject} names the mapping ${quote(file)}, which does not exist.`,
      hint,
    });
    return;
  }
  const check = checkExpression?.(text) ?? { ok: true };
  if (check.ok) return;
  const { position } = check;
  const where = position === undefined ? "" : ` at character ${position}`;
  const message = `${subject}: the mapping ${quote(file)} cannot be read${where}: ${check.message}`;
  const hint = "Correct the expression in that file.";
  report({ code: "expression.invalid", pointer, message, hint, ...(position === undefined ? {} : { position }) });
}

function checkRetry(operation: Json, subject: string, at: At, report: Report): void {
  const finding = isObject(operation.retry) ? retryFinding(subject, operation.retry) : undefined;
  if (!finding) return;
  const { code, severity, property, ...told } = finding;
  const pointer = property === undefined ? at("retry") : at("retry", property);
  report({ code, severity, pointer, message: plain(told.message), hint: plain(told.hint) });
}

/** The canonical schemas that an operation names exist: what it takes, and what it gives. */
function checkCanonical(operation: Json, subject: string, at: At, { schemas }: ConnectorContext, report: Report): void {
  for (const [place, does] of [
    ["input", "takes"],
    ["output", "gives"],
  ] as const) {
    const name = operation[place];
    if (typeof name !== "string" || !schemas || schemas.includes(name)) continue;
    const message = `${subject} ${does} the canonical schema ${quote(name)}, which does not exist.`;
    report({
      code: "schema.unknownCanonical",
      pointer: at(place),
      message,
      hint: suggestion(name, schemas, "canonical schemas"),
    });
  }
}

function checkSamples({ samples }: Json, subject: string, at: At, context: ConnectorContext, report: Report): void {
  if (!Array.isArray(samples) || !context.samples) return;
  samples.forEach((file: unknown, i) => {
    if (typeof file !== "string" || context.samples?.includes(file)) return;
    const message = `${subject} names the sample ${quote(file)}, which does not exist.`;
    const hint = suggestion(file, context.samples ?? [], "samples");
    report({ code: "connector.noSample", pointer: `${at("samples")}/${escapePointer(i)}`, message, hint });
  });
}
