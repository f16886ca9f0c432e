import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { Flow } from "#schemas/flow.ts";
import { FlowPart } from "#schemas/flowPart.ts";
import { JsonError, parseJson } from "#schemas/json.ts";

/** A place in a pasted text and what is wrong there. */
export interface TextFault {
  /** JSON pointer; of a text that is no JSON, line and column: `3:14`. */
  place: string;
  message: string;
}

/** What a text is to the canvas: nodes that were copied, a whole flow, or nothing of ours. */
export type PastedText =
  | { kind: "part"; part: FlowPart }
  | { kind: "flow"; flow: Flow }
  | { kind: "empty" }
  | { kind: "foreign" }
  /** Ours by its `kind`, or JSON cut off; but not as it should be. */
  | { kind: "broken"; faults: TextFault[] };

/** More are not read by anyone. */
const MOST_FAULTS = 20;

/** Reads what was pasted or opened. Never throws. */
export function readPastedText(text: string): PastedText {
  if (text.trim() === "") return { kind: "empty" };
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (raw) {
    if (!(raw instanceof JsonError)) throw raw;
    // Text that does not even begin like a document was never meant for the canvas.
    if (!text.trimStart().startsWith("{")) return { kind: "foreign" };
    return { kind: "broken", faults: [{ place: raw.path ?? lineAndColumn(text, raw.position), message: raw.message }] };
  }
  if (isKind(value, "flowPart")) return read(FlowPart, value, (part) => ({ kind: "part", part }));
  if (isKind(value, "flow")) return read(Flow, value, (flow) => ({ kind: "flow", flow }));
  return { kind: "foreign" };
}

const isKind = (value: unknown, kind: string): boolean =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === kind;

function read<Schema extends TSchema>(schema: Schema, value: unknown, then: (value: Read<Schema>) => PastedText): PastedText {
  if (Value.Check(schema, value)) return then(value as Read<Schema>);
  const faults = Value.Errors(schema, value).map(({ instancePath, message }) => ({
    place: nameOf(value, instancePath),
    message,
  }));
  return { kind: "broken", faults: faults.slice(0, MOST_FAULTS) };
}

type Read<Schema extends TSchema> = import("typebox").Static<Schema>;

/** A pointer, with the id of the node or edge it leads into: `/nodes/3/type (erp)`. */
function nameOf(value: unknown, pointer: string): string {
  const [, list, index] = pointer.split("/");
  const entries = typeof value === "object" && value !== null && list ? Reflect.get(value, list) : undefined;
  const entry: unknown = Array.isArray(entries) && index !== undefined ? entries[Number(index)] : undefined;
  const id = typeof entry === "object" && entry !== null && "id" in entry ? entry.id : undefined;
  return typeof id === "string" ? `${pointer} (${id})` : pointer || "/";
}

function lineAndColumn(text: string, position: number | undefined): string {
  if (position === undefined) return "1:1";
  const before = text.slice(0, position).split("\n");
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
