/** One setting or secret of a connection, as its connector's schema describes it. */
export interface Setting {
  name: string;
  title: string;
  description: string | undefined;
  type: "text" | "number" | "switch" | "choice" | "json";
  choices: string[];
  secret: boolean;
  required: boolean;
  preset: unknown;
}

interface Described {
  type?: unknown;
  title?: unknown;
  description?: unknown;
  enum?: unknown[];
  default?: unknown;
  "x-secret"?: unknown;
}

/** The settings that a connector asks for, in the order of its schema. */
export function settingsOf(schema: unknown): Setting[] {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: Record<string, Described>; required?: string[] };
  return Object.entries(properties).map(([name, described]) => ({
    name,
    title: typeof described.title === "string" ? described.title : name,
    description: typeof described.description === "string" ? described.description : undefined,
    type: typeOf(described),
    choices: (described.enum ?? []).map(String),
    secret: described["x-secret"] === true,
    required: required.includes(name),
    preset: described.default,
  }));
}

function typeOf({ type, enum: choices }: Described): Setting["type"] {
  if (choices) return "choice";
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "switch";
  return type === "object" || type === "array" ? "json" : "text";
}

/** What a new connection begins with. */
export const presets = (settings: readonly Setting[]): Record<string, unknown> =>
  Object.fromEntries(settings.flatMap(({ name, preset }) => (preset === undefined ? [] : [[name, preset] as const])));
