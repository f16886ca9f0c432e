import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { duration } from "../elements/time.ts";

const longest = 64;

/** One line that says what a node does: the operation, the schema it checks, its cases, its settings, what its expression or note says, or its type. */
export function summaryOf(node: FlowNode, manifest: NodeManifest | undefined, system: string | undefined): string {
  if (!manifest) return node.type;
  if (manifest.connector) return system && !manifest.title.startsWith(system) ? `${system} · ${manifest.title}` : manifest.title;
  return fromConfig(node, manifest) ?? manifest.title;
}

function fromConfig(node: FlowNode, manifest: NodeManifest): string | null {
  const config = node.config ?? {};
  const properties = Object.entries(propertiesOf(manifest.config));
  for (const [name, schema] of properties) {
    const value = config[name];
    if (name === manifest.outputsFrom && Array.isArray(value)) return casesLine(value);
    if (schema["x-widget"] === "canonicalSchema" && typeof value === "string" && value) return value;
  }
  if (manifest.kind === "control") return settingsLine(properties, config);
  for (const [name, schema] of properties) {
    const value = config[name];
    if (schema["x-widget"] === "jsonata" && typeof value === "string" && value.trim())
      return commentOf(value) ?? says(node) ?? firstWords(value);
  }
  return null;
}

/** The settings of a control node one after another: `returnId · rma.id · 14 d`. Null when none is made. */
function settingsLine(properties: [string, Record<string, unknown>][], config: Readonly<Record<string, unknown>>): string | null {
  const parts = properties.flatMap(([name, schema]) => settingText(config[name], schema) ?? []);
  return parts.length === 0 ? null : shorten(parts.join(" · "));
}

function settingText(value: unknown, schema: Record<string, unknown>): string | null {
  if (Array.isArray(value)) return value.length === 0 ? null : value.join(", ");
  if (typeof value === "number") {
    return schema["x-widget"] === "duration" ? duration(value * 1_000) : `${String(schema.title ?? "")} ${value}`.trim();
  }
  // The item as it is says nothing.
  if (typeof value !== "string" || value.trim() === "" || value.trim() === "$") return null;
  return schema["x-widget"] === "jsonata" ? (commentOf(value) ?? firstWords(value)) : value;
}

const casesLine = (cases: unknown[]): string => {
  const names = cases.flatMap((one) => (typeof one === "object" && one && "port" in one ? [String(one.port)] : []));
  return shorten(names.join(" · "));
};

/** The first sentence of a node's notes. */
const says = ({ notes }: FlowNode): string | null => (notes?.trim() ? shorten(notes.trim().split(/(?<=\.)\s/)[0] ?? "") : null);

/** What an expression says of itself in the comment it begins with. */
const commentOf = (expression: string): string | null => {
  const comment = /^\s*\/\*\s*([\s\S]*?)\s*\*\//.exec(expression)?.[1];
  return comment ? oneLine(comment) : null;
};

/** An expression's first words. */
export const firstWords = (expression: string): string => oneLine(expression.replaceAll(/\/\*[\s\S]*?\*\//g, " "));

const oneLine = (text: string): string => shorten(text.replaceAll(/\s+/g, " ").trim());

const shorten = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);

/** The properties of an object schema, as records; anything else gives none. */
export function propertiesOf(schema: Record<string, unknown>): Record<string, Record<string, unknown>> {
  const properties = schema.properties;
  if (typeof properties !== "object" || properties === null) return {};
  return Object.fromEntries(
    Object.entries(properties).filter(
      (entry): entry is [string, Record<string, unknown>] => typeof entry[1] === "object" && entry[1] !== null,
    ),
  );
}
