import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { escapePointer } from "../pointer.ts";
import { predicate, type Wording } from "./sentences.ts";
import { isCron, isTimeZone } from "./timeFormats.ts";
import { chooseBranches } from "./unions.ts";
import { plain } from "./words.ts";

/** One way in which a value breaks a JSON Schema, in words. */
export interface SchemaFault {
  /** JSON pointer into the value. Of something missing, the place where it should be. */
  pointer: string;
  /** The JSON Schema keyword that was broken. */
  keyword: string;
  /** The place whose fault it is said to be: the pointer, or its parent when something is missing or too much. */
  subject: string;
  /** What follows the subject in a sentence, without a full stop: `must be text, but is 3`. */
  predicate: string;
  hint?: string;
  /** Predicate and hint with the properties that they speak of, by their pointers from the subject. */
  told: Wording;
}

export type SchemaCheck = { ok: true; faults: SchemaFault[] } | { ok: false; message: string };

let shared: Ajv2020 | undefined;

function ajv(): Ajv2020 {
  if (shared) return shared;
  shared = new Ajv2020({ allErrors: true, verbose: true, strict: false, logger: false, addUsedSchema: false });
  addFormats.default(shared);
  shared.addFormat("cron", isCron);
  shared.addFormat("time-zone", isTimeZone);
  return shared;
}

const compiled = new WeakMap<object, ValidateFunction | string>();

/** Compiles once for each schema object; gives the compiler's message when the schema itself is wrong. */
function compile(schema: object): ValidateFunction | string {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  let result: ValidateFunction | string;
  try {
    result = ajv().compile(schema);
  } catch (raw) {
    result = raw instanceof Error ? raw.message : String(raw);
  }
  // Out of ajv's own cache, which would keep every schema ever seen and refuse a second one of the same $id.
  ajv().removeSchema(schema);
  compiled.set(schema, result);
  return result;
}

/** Why a JSON Schema cannot be used, or undefined when it can. */
export function schemaUnusable(schema: object): string | undefined {
  const validate = compile(schema);
  return typeof validate === "string" ? validate : undefined;
}

/**
 * What is wrong with `value` by JSON Schema 2020-12 `schema`, each fault once and in plain words. `ok: false` when the
 * schema itself cannot be used.
 */
export function checkAgainst(schema: object, value: unknown): SchemaCheck {
  const validate = compile(schema);
  if (typeof validate === "string") return { ok: false, message: validate };
  if (validate(value)) return { ok: true, faults: [] };
  // That a condition is not met says nothing: what it asks for has an error of its own.
  const broken = (validate.errors ?? []).filter(({ keyword }) => keyword !== "if");
  const errors = onePerPlace(chooseBranches(broken));
  return { ok: true, faults: errors.map(toFault) };
}

/** Where the type is wrong, nothing else about the place is worth a sentence. */
function onePerPlace(errors: ErrorObject[]): ErrorObject[] {
  const wrongType = new Set(errors.filter((error) => error.keyword === "type").map((error) => error.instancePath));
  const seen = new Set<string>();
  return errors.filter((error) => {
    if (error.keyword !== "type" && wrongType.has(error.instancePath)) return false;
    const key = `${error.instancePath} ${missingOrExtra(error) ?? ""}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The property that is missing or too much; such errors stand at the parent. */
function missingOrExtra(error: ErrorObject): string | undefined {
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = error.params as Record<string, unknown>;
  const name = missingProperty ?? additionalProperty ?? unevaluatedProperty ?? propertyName;
  return typeof name === "string" ? name : undefined;
}

function toFault(error: ErrorObject): SchemaFault {
  const name = missingOrExtra(error);
  const told = predicate(error);
  return {
    pointer: name === undefined ? error.instancePath : `${error.instancePath}/${escapePointer(name)}`,
    keyword: error.keyword,
    subject: error.instancePath,
    predicate: plain(told.predicate),
    ...(told.hint === undefined ? {} : { hint: plain(told.hint) }),
    told,
  };
}
