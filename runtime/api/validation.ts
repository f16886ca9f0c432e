import type { FastifyRequest, FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { pointerSteps } from "#schemas/pointer.ts";
import { checkAgainst, type SchemaFault } from "#schemas/validate/schemaFaults.ts";
import { ApiFailure } from "./errors.ts";
import { unstorableAt } from "./storableText.ts";

/** Numbers of addresses and queries: no sign but minus, no fraction, no exponent. */
const wholeNumber = /^-?\d{1,15}$/;

interface Described {
  type?: unknown;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Described>;
}

/** Checks params, query and body by their schema, and says in one sentence what is wrong. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let check: ReturnType<typeof Compile> | undefined;
  return (given: unknown) => {
    const value = httpPart === "body" ? given : withNumbers(schema as Described, given);
    check ??= Compile(schema);
    if (check.Check(value)) return { value };
    return { error: failureOf(schema, httpPart, value) };
  };
};

/** Everything in an address is text; what the schema calls a whole number and reads like one becomes a number. */
function withNumbers(schema: Described, given: unknown): unknown {
  if (typeof given !== "object" || given === null) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const wanted = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name]?.type : undefined;
      return [name, wanted === "integer" && typeof value === "string" && wholeNumber.test(value) ? Number(value) : value];
    }),
  );
}

function failureOf(schema: TSchema, httpPart: string | undefined, value: unknown): ApiFailure {
  const place = placeNames[httpPart ?? ""] ?? "request";
  if (place === "body" && (value === null || value === undefined))
    return new ApiFailure("badRequest", { detail: "it needs a body of JSON." });
  const found = checkAgainst(schema, value);
  const fault = found.ok ? found.faults[0] : undefined;
  const detail = fault ? sentence(schema as Described, place, fault) : `the ${place} is not of the form that is needed.`;
  return new ApiFailure("badRequest", { detail }, { hint: fault?.hint });
}

const placeNames: Record<string, string> = { body: "body", querystring: "query", params: "address" };

function sentence(schema: Described, place: string, fault: SchemaFault): string {
  const steps = pointerSteps(fault.subject);
  const [name = ""] = steps;
  const described = steps.length === 1 && Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
  const { type, minimum, maximum } = described ?? {};
  if (type === "integer" && minimum !== undefined && maximum !== undefined)
    return `${name} must be a whole number from ${minimum} to ${maximum}.`;
  return `${steps.length === 0 ? `the ${place}` : steps.join("/")} ${fault.predicate}.`;
}

/** Refuses, before anything looks at it, text that the database cannot hold. What sources get is bytes still. */
export async function refuseUnstorable(request: FastifyRequest): Promise<void> {
  for (const [place, value] of [
    ["address", request.params],
    ["query", request.query],
    ["body", Buffer.isBuffer(request.body) ? undefined : request.body],
  ] as const) {
    const pointer = unstorableAt(value);
    if (pointer === undefined) continue;
    const source = sourceAt(request);
    if (place === "address" && source) throw new ApiFailure(source);
    const where = pointer === "" ? `the ${place}` : `the ${place} at ${pointer}`;
    throw new ApiFailure("badRequest", { detail: `${where} has text with U+0000 or half a character, which cannot be stored.` });
  }
}

/** Of a request to the address of a source: the error that says there is none. */
export function sourceAt({ url }: { url: string }): "unknownHook" | "unknownService" | undefined {
  if (url.startsWith("/hooks/")) return "unknownHook";
  return url.startsWith("/services/") ? "unknownService" : undefined;
}
