import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";

const longest = 64;

/** One line that says what a node does: its note, the schema it checks, its cases, its expression's first words, or its type. */
export function summaryOf(node: FlowNode, manifest: NodeManifest | undefined, system: string | undefined): string {
  if (!manifest) return node.type;
  if (manifest.connector) return system && !manifest.title.startsWith(system) ? `${system} · ${manifest.title}` : manifest.title;
  return fromConfig(node.config ?? {}, manifest) ?? manifest.title;
}

function fromConfig(config: Record<string, unknown>, manifest: NodeManifest): string | null {
  const properties = Object.entries(propertiesOf(manifest.config));
  for (const [name, schema] of properties) {
    const value = config[name];
    if (schema["x-widget"] === "cases" && Array.isArray(value)) return casesLine(value);
    if (schema["x-widget"] === "canonicalSchema" && typeof value === "string" && value) return value;
  }
  for (const [name, schema] of properties) {
    const value = config[name];
    if (schema["x-widget"] === "jsonata" && typeof value === "string" && value.trim()) return firstWords(value);
  }
  return null;
}

const casesLine = (cases: unknown[]): string => {
  const names = cases.flatMap((one) => (typeof one === "object" && one && "port" in one ? [String(one.port)] : []));
  return shorten(names.join(" · "));
};

/** An expression without its comments, in one line. */
export function firstWords(expression: string): string {
  return shorten(
    expression
      .replaceAll(/\/\*[\s\S]*?\*\//g, " ")
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
}

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
