import { isObject, objectOf } from "../isObject.ts";
import { pointerOf } from "../pointer.ts";
import type { ExpressionNames, FreeName, Report } from "./connectorContext.ts";
import { nearest, quote, suggestion } from "./wording.ts";

/** Where an expression stands: its steps from the connector, and how its sentence begins. */
export interface ExpressionPlace {
  steps: readonly string[];
  place: string;
  pointer: string;
  /** A mapping's: the steps of all operations that make their body by it. It may read what any of them knows. */
  shared?: readonly (readonly string[])[];
}

type Json = Record<string, unknown>;

const RUN = ["source", "run"];
const OPERATION = [...RUN, "config", "connection"];
const ANSWER = ["effectKey", "item", "before"];
const POLL = ["since", "until", "cursor", "page"];

/** What is bound in an operation's expression, by the part of the operation it stands in. */
function boundInOperation([part = "", more = ""]: readonly string[], operation: Json): string[] {
  const page = operation.page === undefined ? [] : ["page"];
  switch (part) {
    case "subscription":
      return ["address", "name", "topic", "config", "connection", "page"];
    case "verify":
    case "lifecycle":
      return [];
    case "documentKey":
      return OPERATION;
    case "items":
      return [...OPERATION, ...ANSWER, ...(["key", "subject"].includes(more) ? ["place"] : [])];
    case "steps":
      return [...OPERATION, ...ANSWER, "once", "fields"];
    case "request":
    case "fetch":
    case "acknowledge": {
      const fields = objectOf(operation.request).fields === undefined ? [] : ["fields"];
      return [...OPERATION, "effectKey", ...page, ...fields, ...(operation.controlNumber === undefined ? [] : ["controlNumber"])];
    }
    default:
      return [...OPERATION, ...ANSWER, ...page];
  }
}

/** The variables that an expression sees besides those it binds itself. */
function boundAt(steps: readonly string[], connector: Json): string[] {
  const [first, name = "", ...inner] = steps;
  if (first === "simulator") return ["connection"];
  if (first === "errors" || first === "limits") return [...OPERATION, ...ANSWER];
  if (first === "headers") return [...OPERATION, "effectKey"];
  if (first !== "operations") return [];
  const operation = objectOf(objectOf(connector.operations)[name]);
  if (operation.transport === "poll" && inner[0] !== "subscription") return [...OPERATION, ...POLL];
  return boundInOperation(inner, operation);
}

/** The settings by the name of the variable that holds them: of the connection without its secrets, of the node. */
function settingsAt([first, name = ""]: readonly string[], variable: string, connector: Json): string[] | undefined {
  if (variable === "connection") {
    const properties = Object.entries(objectOf(objectOf(connector.connection).properties));
    return properties.flatMap(([key, schema]) => (objectOf(schema)["x-secret"] === true ? [] : [key]));
  }
  if (variable !== "config" || first !== "operations") return undefined;
  const { config, kind } = objectOf(objectOf(connector.operations)[name]);
  // What a source's node may say besides depends on its transport.
  return kind === "source" ? undefined : [...Object.keys(objectOf(objectOf(config).properties)), "attach"];
}

/** The same of a mapping that several operations share; unknown where it is of one. */
function settingsOf(variable: string, { steps, shared = [steps] }: ExpressionPlace, connector: Json): string[] | undefined {
  const each = shared.map((way) => settingsAt(way, variable, connector));
  return each.every((names) => names !== undefined) ? each.flat() : undefined;
}

const dollar = (name: string): string => `$${name}`;

function checkName(at: ExpressionPlace, free: FreeName, bound: string[], functions: readonly string[], report: Report): void {
  const { name, called, position } = free;
  const { place, pointer } = at;
  const found = position === undefined ? {} : { position };
  if (called) {
    const meant = nearest(name, functions);
    const hint = meant === undefined ? "docs/mapping.md has the functions that there are." : `Did you mean ${dollar(meant)}?`;
    const message = `${place} calls ${dollar(name)}, which is no function.`;
    report({ code: "expression.unknownFunction", pointer, message, hint, ...found });
    return;
  }
  const hint = suggestion(dollar(name), bound.map(dollar), "variables that are known there");
  const message = `${place} reads ${dollar(name)}, which is nothing there.`;
  report({ code: "expression.unknownVariable", pointer, message, hint, ...found });
}

function checkSetting(at: ExpressionPlace, { name, field, position }: FreeName, connector: Json, report: Report): void {
  const known = settingsOf(name, at, connector);
  if (field === undefined || known === undefined || known.includes(field)) return;
  const secret = name === "connection" && Object.hasOwn(objectOf(objectOf(connector.connection).properties), field);
  const whose = name === "connection" ? "the connection" : "its config";
  const message = secret
    ? `${at.place} reads ${dollar(name)}.${field}, a secret, which no expression sees.`
    : `${at.place} reads ${dollar(name)}.${field}, a setting that ${whose} does not have.`;
  const hint = secret ? 'Secrets stand in "auth" and "verify" alone.' : suggestion(field, known, "settings");
  const found = position === undefined ? {} : { position };
  report({ code: "connector.unknownSetting", pointer: at.pointer, message, hint, ...found });
}

/** Variables and functions that are not there, settings that nobody declared, keys that stay where a part is missing. */
export function checkNames(at: ExpressionPlace, names: ExpressionNames, connector: Json, report: Report): void {
  const bound = [...new Set((at.shared ?? [at.steps]).flatMap((steps) => boundAt(steps, connector)))];
  const said = new Set<string>();
  for (const free of names.free) {
    const { name, field } = free;
    const id = `${name}.${field}`;
    if (said.has(id) || names.functions.includes(name)) continue;
    said.add(id);
    if (bound.includes(name)) checkSetting(at, free, connector, report);
    else checkName(at, free, bound, names.functions, report);
  }
  if (!names.joinsPaths || at.steps[0] !== "operations" || at.steps.length !== 3 || at.steps[2] !== "documentKey") return;
  const message = `${at.place} joins its parts by "&": where one is missing, the rest is the key of many documents.`;
  const hint = "Write $keyOf(one, another): it is nothing where a part is missing.";
  report({ code: "connector.keyJoined", pointer: at.pointer, message, hint });
}

/** Kinds of paging that need no `$page` in the request: the answer has the whole address, or its query. */
const followsAddress = ["link", "url", "query"];

/** `used`: the variables that an operation's expressions read, its mappings included. */
export function checkUse(name: string, operation: Json, used: ReadonlySet<string>, report: Report): void {
  const at = (...way: string[]) => pointerOf("operations", name, ...way);
  const filled = Object.values(objectOf(objectOf(operation.config).properties)).some(
    (schema) => objectOf(schema)["x-fills"] !== undefined,
  );
  if (filled) return;
  const subject = `Operation ${quote(name)}`;
  const { page, delta, acknowledge } = operation;
  // What a queue has given is taken out of it: it is asked the same again.
  if (isObject(page) && acknowledge === undefined && !followsAddress.includes(String(page.type)) && !used.has("page")) {
    const message = `${subject} has "page", but its request never uses $page: it would get the first page again and again.`;
    report({ code: "connector.pageUnused", pointer: at("page"), message, hint: "Put {{ $page }} where the system takes it." });
  }
  if (!isObject(delta)) return;
  if (!used.has("since") && !used.has("cursor")) {
    const message = `${subject} has "delta", but its request uses neither $since nor $cursor: each round would get everything.`;
    report({ code: "connector.deltaUnused", pointer: at("delta"), message, hint: "Put {{ $since }} where the system takes it." });
  } else if (delta.windowMs !== undefined && !used.has("until")) {
    const message = `${subject} has "windowMs", but its request never uses $until: no window would have an end.`;
    report({
      code: "connector.windowUnused",
      pointer: at("delta", "windowMs"),
      message,
      hint: "Put {{ $until }} where the system takes it.",
    });
  }
}
