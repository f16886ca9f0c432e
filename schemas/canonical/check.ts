import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { type OrderMoney, orderInvariants } from "./orderInvariants.ts";
import { canonicalSchema } from "./registry.ts";

/** One fault of a document. `path` is a JSON pointer into it. */
export interface CanonicalFault {
  code: string;
  path: string;
  found: unknown;
  expected: unknown;
  message: string;
}

const compiled = new Map<string, ValidateFunction>();

function validatorOf(name: string, schema: object): ValidateFunction {
  const known = compiled.get(name);
  if (known) return known;
  const validate = new Ajv2020({ allErrors: true, strict: false, verbose: true }).compile(schema);
  compiled.set(name, validate);
  return validate;
}

/** Objects and arrays are named, not shown: a reason must stay readable, and small enough to store. */
const shown = (value: unknown): unknown => {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" && value.length > 200 ? `${value.slice(0, 200)}…` : value;
};

const spoken = (value: unknown): string => {
  const text = shown(value);
  return typeof value === "string" ? `"${text}"` : String(text);
};

const typeNames = (type: unknown): string => (Array.isArray(type) ? type : [type]).join(" or ");

/** What a keyword of JSON Schema asks for, in words. */
function expectation(error: ErrorObject): string {
  const params: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case "type":
      return `of type ${typeNames(params.type)}`;
    case "enum":
      return `one of ${(params.allowedValues as unknown[]).map(String).join(", ")}`;
    case "pattern":
      return described(error) ?? `text like ${String(params.pattern)}`;
    case "minLength":
      return "not empty";
    case "minimum":
      return `at least ${String(params.limit)}`;
    default:
      return error.message ?? error.keyword;
  }
}

function described(error: ErrorObject): string | undefined {
  const { description } = (error.parentSchema ?? {}) as { description?: string };
  return description === undefined
    ? undefined
    : description.replace(/\.$/, "").replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
}

const escapePointer = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

function toFault(error: ErrorObject): CanonicalFault {
  const at = error.instancePath;
  if (error.keyword === "required") {
    const path = `${at}/${escapePointer(String(error.params.missingProperty))}`;
    return { code: "schema.required", path, found: "nothing", expected: "a value", message: `${path} is missing.` };
  }
  if (error.keyword === "additionalProperties") {
    const path = `${at}/${escapePointer(String(error.params.additionalProperty))}`;
    return {
      code: "schema.unknownField",
      path,
      found: "a field",
      expected: "no such field",
      message: `${path} is a field that the schema does not know.`,
    };
  }
  const expected = expectation(error);
  const message = `${at === "" ? "The document" : at} is ${spoken(error.data)}, but must be ${expected}.`;
  return { code: `schema.${error.keyword}`, path: at, found: shown(error.data), expected, message };
}

/** `anyOf` with null only repeats what its branches have said. */
const worthTelling = (error: ErrorObject): boolean =>
  error.keyword !== "anyOf" &&
  !(error.keyword === "type" && error.params.type === "null" && error.schemaPath.includes("/anyOf/"));

/** A document of a later minor may have fields that this one does not know yet; they are no fault. */
function ofLaterMinor(document: unknown, version: string): boolean {
  const stated =
    typeof document === "object" && document !== null ? (document as Record<string, unknown>).schemaVersion : undefined;
  const minor = (text: unknown): number => (typeof text === "string" ? Number(text.split(".")[1]) : Number.NaN);
  return minor(stated) > minor(version);
}

/**
 * The faults of a document against a canonical schema (`canonical/order/1`), and, once its shape is right, against the
 * invariants of its kind; none when it is good. Returns `undefined` when there is no such schema.
 */
export function canonicalFaults(name: string, document: unknown): CanonicalFault[] | undefined {
  const known = canonicalSchema(name);
  if (!known) return undefined;
  const validate = validatorOf(name, known.schema);
  if (!validate(document)) {
    const later = ofLaterMinor(document, known.version);
    const faults = (validate.errors ?? []).filter((error) => !(later && error.keyword === "additionalProperties"));
    const told = faults.filter(worthTelling);
    if (faults.length > 0) return (told.length > 0 ? told : faults).map(toFault);
  }
  return name.startsWith("canonical/order/") ? orderInvariants(document as OrderMoney) : [];
}
