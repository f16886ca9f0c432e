import { valueAt } from "../pointer.ts";
import { checkAgainst, type SchemaFault } from "../validate/schemaFaults.ts";
import { levelInvariants, type Quantities } from "./levelInvariants.ts";
import { type OrderMoney, orderInvariants } from "./orderInvariants.ts";
import { type CanonicalSchema, canonicalSchema } from "./registry.ts";
import { type ReturnMoney, returnInvariants } from "./returnInvariants.ts";
import { type SettlementMoney, settlementInvariants } from "./settlementInvariants.ts";

/** One fault of a document. `path` is a JSON pointer into it. */
export interface CanonicalFault {
  code: string;
  path: string;
  found: unknown;
  expected: unknown;
  message: string;
}

const LONGEST_FOUND = 200;

/** Objects and arrays are named, not shown: a reason must stay readable, and small enough to store. */
function shown(value: unknown): unknown {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" && value.length > LONGEST_FOUND ? `${value.slice(0, LONGEST_FOUND)}…` : value;
}

function expectation({ keyword, predicate }: SchemaFault): string {
  if (keyword === "required") return "a value";
  if (keyword === "additionalProperties") return "no such field";
  return (predicate.split(", but is ")[0] ?? predicate).replace(/^must (be )?/, "");
}

function toFault(fault: SchemaFault, document: unknown): CanonicalFault {
  const subject = fault.subject === "" ? "The document" : fault.subject;
  return {
    code: `schema.${fault.keyword}`,
    path: fault.pointer,
    found: shown(valueAt(document, fault.pointer)),
    expected: expectation(fault),
    message: `${subject} ${fault.predicate}.`,
  };
}

/** A document of a later minor may have fields that this one does not know yet; they are no fault. */
function isOfLaterMinor(document: unknown, version: string): boolean {
  const minor = (text: unknown): number => (typeof text === "string" ? Number(text.split(".")[1]) : Number.NaN);
  return minor(valueAt(document, "/schemaVersion")) > minor(version);
}

/** The rules of a kind that no schema can say. */
const invariants: Readonly<Record<string, (document: unknown) => CanonicalFault[]>> = {
  order: (document) => orderInvariants(document as OrderMoney),
  settlement: (document) => settlementInvariants(document as SettlementMoney),
  return: (document) => returnInvariants(document as ReturnMoney),
  "inventory-level": (document) => levelInvariants(document as Quantities),
};

const invariantsOf = (name: string, document: unknown): CanonicalFault[] =>
  invariants[name.split("/")[1] ?? ""]?.(document) ?? [];

/**
 * The faults of a document against a canonical schema (`canonical/order/1`), and, once its shape is right, against the
 * invariants of its kind; none when it is good. Returns `undefined` when there is no such schema.
 */
export function canonicalFaults(name: string, document: unknown): CanonicalFault[] | undefined {
  const known = canonicalSchema(name);
  return known && schemaFaults(known, document);
}

/** The same against a schema as a version keeps it. */
export function schemaFaults({ name, version, schema }: CanonicalSchema, document: unknown): CanonicalFault[] {
  const check = checkAgainst(schema, document);
  if (!check.ok) throw new Error(`The canonical schema ${name} cannot be used: ${check.message}`);
  const later = isOfLaterMinor(document, version);
  const faults = check.faults.filter((fault) => !(later && fault.keyword === "additionalProperties"));
  return faults.length > 0 ? faults.map((fault) => toFault(fault, document)) : invariantsOf(name, document);
}
