import { existsSync, readFileSync } from "node:fs";
import { upgrade } from "@scalar/openapi-upgrader";
import addFormats from "ajv-formats";
import { type Document, OpenAPIBackend } from "openapi-backend";
import type { SentRequest } from "./operation.fixture.ts";

const fixtures = new URL("../../../shared/fixtures/", import.meta.url);

/** Where a system's official description stands among the fixtures, and below which path its operations are. */
export interface Description {
  file: string;
  root: string;
  /** Faults of the description: by schema, which other schema it names, and which one it means. */
  corrections?: Record<string, [wrong: string, right: string]>;
}

/** What a description says against a request or an answer; nothing when all is right. */
export interface Judge {
  request: (request: SentRequest) => string[];
  answer: (request: SentRequest, status: number, body: unknown) => string[];
}

export const isThere = ({ file }: Description): boolean => existsSync(new URL(file, fixtures));

const judges = new Map<string, Promise<Judge>>();

/** The judge by a description. Swagger 2.0 (Amazon) is made OpenAPI 3.0 first. */
export function judgeBy(description: Description): Promise<Judge> {
  const known = judges.get(description.file) ?? open(description);
  judges.set(description.file, known);
  return known;
}

async function open({ file, root, corrections = {} }: Description): Promise<Judge> {
  const document = JSON.parse(readFileSync(new URL(file, fixtures), "utf8")) as Described;
  correct(document, corrections);
  queriesAsParameters(document);
  const definition = (document.swagger === "2.0" ? upgrade(document, "3.0") : document) as Document;
  const backend = new OpenAPIBackend({
    definition: named(definition),
    // The descriptions have faults of their own (examples, formats); only requests and answers are judged.
    quick: true,
    strict: false,
    apiRoot: root,
    coerceTypes: true,
    ajvOpts: { strict: false, allErrors: true },
    customizeAjv: (ajv) => addFormats.default(ajv as never) as never,
  });
  await backend.init();
  const asked = ({ method, url, headers, body }: SentRequest) => ({
    method: method.toLowerCase(),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers,
    ...(body === undefined ? {} : { body: fieldsOf(headers, body) }),
  });
  const operationOf = (request: SentRequest) => backend.router.matchOperation(asked(request));
  const told = (errors: { instancePath: string; message?: string; params?: unknown }[] | null | undefined): string[] =>
    (errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  const unknown = ({ method, url }: SentRequest): string[] => [`${file} has no ${method} ${url.pathname}.`];
  return {
    request: (request) => {
      const operation = operationOf(request);
      return operation ? told(backend.validator.validateRequest(asked(request), operation).errors as never) : unknown(request);
    },
    answer: (request, status, body) => {
      const operation = operationOf(request);
      return operation ? told(backend.validator.validateResponse(body, operation, status).errors as never) : unknown(request);
    },
  };
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: unknown;
}
type Described = Record<string, unknown> & {
  paths?: Record<string, Record<string, { parameters?: Parameter[] }>>;
  components?: { schemas?: Record<string, unknown> };
};

/** A path that holds a query (Walmart's newer version of a report) stands in the place of the one without, its query as parameters. */
function queriesAsParameters({ paths = {} }: Described): void {
  for (const [path, item] of Object.entries(paths)) {
    const [plain = "", query] = path.split("?");
    if (query === undefined) continue;
    for (const operation of Object.values(item)) {
      const declared = operation.parameters ?? [];
      const more = [...new URLSearchParams(query)].filter(([name]) => !declared.some((each) => each.name === name));
      const schemaOf = (value: string) => ({ type: "string", enum: [value] });
      operation.parameters = [
        ...declared,
        ...more.map(([name, value]) => ({ name, in: "query", required: true, schema: schemaOf(value) })),
      ];
    }
    paths[plain] = item;
    delete paths[path];
  }
}

function correct({ components }: Described, corrections: NonNullable<Description["corrections"]>): void {
  const schemas = components?.schemas ?? {};
  for (const [name, [wrong, right]] of Object.entries(corrections)) {
    if (schemas[name] === undefined) continue;
    schemas[name] = JSON.parse(JSON.stringify(schemas[name]).replaceAll(`/${wrong}"`, `/${right}"`));
  }
}

/** Operations are looked up by id; some descriptions leave it out. */
function named(definition: Document): Document {
  for (const [path, item] of Object.entries(definition.paths ?? {})) {
    for (const [method, operation] of Object.entries(item ?? {})) {
      if (typeof operation !== "object" || operation === null || Array.isArray(operation)) continue;
      (operation as { operationId?: string }).operationId ??= `${method} ${path}`;
    }
  }
  return definition;
}

/** A form's fields are texts; truth and numbers among them are meant as such. */
function fieldsOf(headers: Record<string, string>, body: unknown): never {
  const type = headers["content-type"] ?? "";
  if (type.includes("multipart/form-data")) return partsOf(String(body)) as never;
  if (!type.includes("form-urlencoded")) return body as never;
  const meant = (text: string): unknown => (["true", "false"].includes(text) ? text === "true" : text);
  return Object.fromEntries([...new URLSearchParams(String(body))].map(([name, value]) => [name, meant(value)])) as never;
}

/** The parts of a form by their names, their contents as they are. */
const partsOf = (body: string): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/; name="(\w+)".*?\r\n\r\n(.*?)\r\n--/gs)].map(([, name = "", text = ""]) => [name, text]),
  );
