import type { Step } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { Decoding } from "#schemas/format.ts";
import { sha256Hex } from "#schemas/hash.ts";
import { isObject } from "#schemas/isObject.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { pointerSteps } from "#schemas/pointer.ts";
import type { RequestTemplate, SqlTemplate } from "#schemas/request.ts";
import { evaluateExpression, type Surroundings } from "../expression/expression.ts";
import { expressionFailure } from "../expression/expressionFailure.ts";
import { renderTemplate } from "../expression/template.ts";
import { contentTypes, writeFormat } from "../format/format.ts";
import { FormatError } from "../format/formatError.ts";
import type { EffectCall, Plan, RenderedRequest, RunClock, Transport } from "../plan.ts";
import { EvaluationFailure } from "./failure.ts";
import { controlNumberOf, decodingOf, type LockedOperation, lockedOperation } from "./operation.ts";
import { pagesOf, pageVariable } from "./paging.ts";
import { renderStatements } from "./statements.ts";
import { bindingOf, operationVariables } from "./variables.ts";

type Templates = Readonly<Record<string, string>>;

/** Time for one request when the operation names none. */
export const DEFAULT_TIMEOUT_MS = 30_000;

const invalid = (code: string, message: string, path: string, hint: string): EvaluationFailure =>
  new EvaluationFailure({ class: "invalid", reason: { code, message, hint, path } });

/** Renders with expression errors turned into outcomes; `part` is a JSON pointer into the operation. */
export interface Renderer {
  /** `variables` are bound besides those of the operation. */
  expression: (text: string, part: string, variables?: Record<string, unknown>) => Promise<unknown>;
  template: (text: string, part: string, encode?: (text: string) => string) => Promise<string>;
}

const withVariables = (surroundings: Surroundings, variables: Record<string, unknown>): Surroundings => ({
  ...surroundings,
  variables: { ...surroundings.variables, ...variables },
});

export function rendererFor(type: string, item: unknown, surroundings: Surroundings): Renderer {
  const attempt = async <T>(part: string, render: () => Promise<T>): Promise<T> => {
    try {
      return await render();
    } catch (raw) {
      if (raw instanceof EvaluationFailure) throw raw;
      throw new EvaluationFailure(expressionFailure(raw, part, `The expression ${part} of ${type}`));
    }
  };
  return {
    expression: (text, part, variables) =>
      attempt(part, () => evaluateExpression(text, item, variables ? withVariables(surroundings, variables) : surroundings)),
    template: (text, part, encode) => attempt(part, () => renderTemplate(text, item, surroundings, encode)),
  };
}

/** A part of a path from the item: never nothing (it would address the whole collection), never a step upwards. */
const pathPart =
  (type: string) =>
  (text: string): string => {
    if (text === "" || text === "." || text === "..") {
      throw invalid(
        "request.path",
        `The address of ${type} has a part that is ${text === "" ? "empty" : `"${text}"`} for this item.`,
        "/request/path",
        "Check that the item has what the path is made from.",
      );
    }
    return encodeURIComponent(text);
  };

function checkHeader(type: string, name: string, value: string): string {
  // RFC 9110 field values; a line break would let a document write headers of its own.
  if (/[\r\n\0]/.test(value)) {
    throw invalid(
      "request.header",
      `The header ${name} of ${type} would hold a line break.`,
      `/request/headers/${name}`,
      "Take line breaks out of the value it is made from.",
    );
  }
  return value;
}

async function renderHeaders(renderer: Renderer, type: string, maps: (Templates | undefined)[]): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const map of maps) {
    for (const [name, template] of Object.entries(map ?? {})) {
      headers[name] = checkHeader(type, name, await renderer.template(template, `/request/headers/${name}`));
    }
  }
  return headers;
}

/** Query parameters; one that renders to nothing is left out. */
async function renderQuery(renderer: Renderer, templates: Templates | undefined): Promise<Record<string, string>> {
  const query: Record<string, string> = {};
  for (const [name, template] of Object.entries(templates ?? {})) {
    const value = await renderer.template(template, `/request/query/${name}`);
    if (value !== "") query[name] = value;
  }
  return query;
}

/** Whose request it is, and by what it goes. */
export interface Origin extends Pick<LockedOperation, "connector" | "mapping"> {
  transport?: Transport;
  /** Whether it changes anything over there. */
  writes: boolean;
}

function bodyExpression(request: RequestTemplate, { connector, mapping }: Origin): string | undefined {
  if (request.body !== undefined || request.bodyFile === undefined) return request.body;
  const text = mapping(request.bodyFile);
  if (text === undefined) throw new Error(`The version has no mapping "${connector.id}/${request.bodyFile}".`);
  return text;
}

/** Texts by name; those that come out empty are left out. */
async function renderFields(renderer: Renderer, fields: Templates | undefined): Promise<Record<string, string> | undefined> {
  if (!fields) return undefined;
  const rendered: Record<string, string> = {};
  for (const [name, template] of Object.entries(fields)) {
    const text = await renderer.template(template, `/request/fields/${name}`);
    if (text !== "") rendered[name] = text;
  }
  return rendered;
}

async function renderBody(
  renderer: Renderer,
  type: string,
  { graphql, fields: templates }: RequestTemplate,
  text: string | undefined,
): Promise<{ body?: unknown }> {
  if (graphql) {
    const { query, variables } = graphql;
    const made = variables === undefined ? {} : await renderer.expression(variables, "/request/graphql/variables");
    return { body: { query, variables: made ?? {} } };
  }
  const fields = await renderFields(renderer, templates);
  if (text === undefined) return fields === undefined ? {} : { body: fields };
  const body = await renderer.expression(text, "/request/body", fields === undefined ? {} : { fields });
  if (body !== undefined) return { body };
  throw invalid(
    "request.body",
    `The body of ${type} came out empty for this item.`,
    "/request/body",
    "Check that the item has what the body is made from.",
  );
}

/** The body as the operation's format writes it, with what announces it. */
function encoded(type: string, encode: RequestTemplate["encode"], body: { body?: unknown }) {
  if (encode === undefined || body.body === undefined) return body;
  try {
    return { body: writeFormat(body.body, encode), contentType: contentTypes[encode.type] };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw invalid(
      "request.encode",
      `The body of ${type}: ${error.message}`,
      "/request/encode",
      "Correct the mapping of the body.",
    );
  }
}

/** What the performer has to know of an answer to come. */
const bytesAs = ({ packed, charset }: Decoding = {}): Pick<RenderedRequest, "decode"> =>
  packed === undefined && charset === undefined
    ? {}
    : { decode: { ...(packed === undefined ? {} : { packed }), ...(charset === undefined ? {} : { charset }) } };

/** A request ready to send. Throws EvaluationFailure when a template cannot be filled in. */
export async function renderRequest(
  renderer: Renderer,
  type: string,
  locked: Origin,
  request: RequestTemplate | SqlTemplate,
  decode?: Decoding,
): Promise<RenderedRequest> {
  if ("statements" in request) return renderStatements(renderer, type, request, locked.writes);
  return {
    ...(locked.transport === undefined ? {} : { transport: locked.transport }),
    ...(request.base === undefined ? {} : { base: request.base }),
    method: request.method,
    path: await renderer.template(request.path, "/request/path", pathPart(type)),
    query: await renderQuery(renderer, request.query),
    headers: await renderHeaders(renderer, type, [locked.connector.headers, request.headers]),
    ...encoded(type, request.encode, await renderBody(renderer, type, request, bodyExpression(request, locked))),
    ...bytesAs(decode),
    timeoutMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
}

/** The request with what it may reach by a restricted token, where the operation needs one. */
export const withRestricted = (request: RenderedRequest, restricted: readonly unknown[] | undefined): RenderedRequest =>
  restricted === undefined ? request : { ...request, restricted };

/** Systems take 255 characters for an idempotency key; a longer effect key is sent as its hash. */
const SENT_KEY_LENGTH = 255;

const sentKey = (effectKey: string): string =>
  effectKey.length <= SENT_KEY_LENGTH ? effectKey : `sha256:${sha256Hex(effectKey)}`;

/** The body with a text at a place in it; objects on the way there are made. Throws where something else stands in the way. */
function withField(type: string, body: unknown, [name = "", ...rest]: readonly string[], text: string): Record<string, unknown> {
  if (body !== undefined && !isObject(body)) {
    const message = `The body of ${type} holds no object where its idempotency key belongs.`;
    throw invalid("request.keyField", message, "/idempotency/field", "Correct the field, or the body.");
  }
  return { ...body, [name]: rest.length === 0 ? text : withField(type, body?.[name], rest, text) };
}

/** `/` divides the parts of an effect key; within a part it is escaped, so that two documents never share a key. */
const keyPart = (text: string): string => text.replaceAll("%", "%25").replaceAll("/", "%2F");

/** A longer part of a key is replaced by its hash: the ledger's index takes 2,700 bytes for the whole key. */
const KEY_PART_LENGTH = 400;

const boundedPart = (text: string): string => {
  const part = keyPart(text);
  return part.length <= KEY_PART_LENGTH ? part : `sha256:${sha256Hex(text)}`;
};

/** environment / account / operation node type / document key / event. */
export const effectKeyOf = (environment: string, account: string, type: string, documentKey: string, event: string): string =>
  [environment, account, type, documentKey, event].map(boundedPart).join("/");

async function documentKeyOf(renderer: Renderer, type: string, { operation }: LockedOperation): Promise<string> {
  if (operation.documentKey === undefined) {
    if (operation.kind === "lookup") return "";
    throw new Error(`The operation ${type} writes, but declares no documentKey.`);
  }
  const key = await renderer.expression(operation.documentKey, "/documentKey");
  if (typeof key === "number" || (typeof key === "string" && key !== "")) return String(key);
  if (operation.kind === "lookup") return "";
  throw invalid(
    "effect.documentKey",
    `The document has no key for ${type}: its documentKey expression gave ${key === undefined ? "nothing" : JSON.stringify(key)?.slice(0, 80)}.`,
    "/documentKey",
    "Check that the item has the id that the key is made from.",
  );
}

/** The answer can only be put into an item that is an object. */
function checkAttach(node: FlowNode, item: unknown): void {
  const name = node.config?.attach;
  if (name === undefined || name === "") return;
  if (typeof item === "object" && item !== null && !Array.isArray(item)) return;
  throw invalid(
    "effect.attach",
    `The answer cannot be attached as "${String(name)}", because the item is not an object.`,
    "/config/attach",
    "Empty the field, or map the item to an object first.",
  );
}

export interface EffectIdentity {
  /** The business identity of the document; "" for a read without one. */
  documentKey: string;
  /** Empty for reads. */
  effectKey: string;
}

const surroundingsOf = (plan: Plan, node: FlowNode, clock: RunClock, effectKey?: string): Surroundings => ({
  clock,
  salt: node.id,
  variables: operationVariables(plan, node, clock, effectKey),
});

/**
 * The request of the step that comes after the results so far. Throws as `renderEffect` does.
 */
export async function renderStep(
  plan: Plan,
  node: FlowNode,
  manifest: NodeManifest,
  { item, clock, once, before, step }: { item: unknown; clock: RunClock; once: string; before: unknown[]; step: Step },
): Promise<RenderedRequest> {
  const { connector, mapping } = lockedOperation(plan.lock, manifest, node.config);
  const origin: Origin = { connector, mapping, writes: false };
  const { effectKey } = await effectIdentity(plan, node, manifest, item, clock);
  const surroundings = surroundingsOf(plan, node, clock, effectKey);
  const renderer = rendererFor(manifest.type, item, withVariables(surroundings, { before, once }));
  if ("request" in step) return renderRequest(renderer, manifest.type, origin, step.request, step.decode);
  const address = await renderer.expression(step.address, "/address");
  if (typeof address !== "string" || !URL.canParse(address)) {
    const hint = "Look at what the step before it answered.";
    throw invalid("request.address", `The address that a step of ${manifest.type} goes to came out as none.`, "/address", hint);
  }
  const { address: _, hosts, decode, ...request } = step;
  // What the connector sends with every request is for the system itself.
  const elsewhere = { ...origin, connector: { ...connector, headers: {} } };
  const rendered = await renderRequest(renderer, manifest.type, elsewhere, { ...request, path: "/" }, decode);
  return { ...rendered, path: new URL(address).pathname, elsewhere: { address, hosts } };
}

/** By what an effect on this item is known, today and in any later run. Throws as `renderEffect` does. */
export async function effectIdentity(
  plan: Plan,
  node: FlowNode,
  manifest: NodeManifest,
  item: unknown,
  clock: RunClock,
): Promise<EffectIdentity> {
  const locked = lockedOperation(plan.lock, manifest, node.config);
  const binding = bindingOf(plan, node);
  if (!binding)
    throw new Error(`Node "${node.id}" has no connection: its slot "${node.slot ?? ""}" is not bound in ${plan.environment}.`);
  const renderer = rendererFor(manifest.type, item, surroundingsOf(plan, node, clock));
  const documentKey = await documentKeyOf(renderer, manifest.type, locked);
  if (locked.operation.kind === "lookup") return { documentKey, effectKey: "" };
  const event = locked.operation.event ?? locked.name;
  return { documentKey, effectKey: effectKeyOf(plan.environment, binding.account, manifest.type, documentKey, event) };
}

/** What `$controlNumber` is until one is given: no partner has it. */
const UNNUMBERED = 0;

/**
 * Everything needed to perform an effect on an item, without secrets and base URL. Throws EvaluationFailure (class
 * `invalid` or `timeout`) when the item does not give what the request needs, and Error when the version is broken.
 */
export async function renderEffect(
  plan: Plan,
  node: FlowNode,
  manifest: NodeManifest,
  item: unknown,
  clock: RunClock,
  controlNumber = UNNUMBERED,
): Promise<EffectCall> {
  const locked = lockedOperation(plan.lock, manifest, node.config);
  checkAttach(node, item);
  const identity = await effectIdentity(plan, node, manifest, item, clock);
  const { operation, connector, mapping } = locked;
  const page = pageVariable(pagesOf(operation), null);
  const bound = { ...(page === undefined ? {} : { page }), ...(controlNumberOf(operation) ? { controlNumber } : {}) };
  const surroundings = surroundingsOf(plan, node, clock, identity.effectKey);
  const renderer = rendererFor(manifest.type, item, withVariables(surroundings, bound));
  const transport = operation.transport === "http" ? {} : { transport: operation.transport };
  const origin: Origin = { connector, mapping, writes: operation.kind === "sink", ...transport };
  const rendered = await renderRequest(renderer, manifest.type, origin, operation.request, decodingOf(operation));
  const request = withRestricted(rendered, operation.transport === "sql" ? undefined : operation.restricted);
  const { mode, header, field, lookup } = operation.idempotency;
  // A database notes the key itself, in the transaction of the effect.
  if (mode === "key" && operation.transport === "sql")
    request.body = { ...(request.body as object), onceUnder: identity.effectKey };
  if (mode === "key" && header !== undefined) {
    request.headers[header] = checkHeader(manifest.type, header, sentKey(identity.effectKey));
  }
  if (mode === "key" && field !== undefined) {
    request.body = withField(manifest.type, request.body, pointerSteps(field), sentKey(identity.effectKey));
  }
  return {
    node: node.id,
    item,
    request,
    ...(lookup === undefined
      ? {}
      : { lookup: await renderRequest(renderer, manifest.type, { ...origin, writes: false }, lookup.request) }),
    ...identity,
    idempotency: mode,
    read: locked.operation.kind === "lookup",
  };
}
