import { isObject } from "../isObject.ts";
import { escapePointer } from "../pointer.ts";

/** A text in a config whose schema names a form control for it. */
export interface WidgetValue {
  /** JSON pointer into the config. */
  pointer: string;
  value: string;
}

type Json = Readonly<Record<string, unknown>>;
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : []);

/**
 * All texts in `config` for which its JSON Schema says `"x-widget": widget`, also inside lists, maps, `$defs` and
 * alternatives. Each place once.
 */
export function widgetValues(schema: unknown, config: unknown, widget: string): WidgetValue[] {
  const found = new Map<string, WidgetValue>();
  /** `refs` are the references followed at one place: a schema that refers to itself alone would never end. */
  const walk = (part: Json, value: unknown, pointer: string, refs: readonly string[]): void => {
    if (value === undefined) return;
    if (part["x-widget"] === widget && typeof value === "string") found.set(pointer, { pointer, value });
    const target = typeof part.$ref === "string" && !refs.includes(part.$ref) ? resolve(schema, part.$ref) : undefined;
    if (target && typeof part.$ref === "string") walk(target, value, pointer, [...refs, part.$ref]);
    for (const keyword of ["allOf", "anyOf", "oneOf", "if", "then", "else"]) {
      for (const branch of objects(part[keyword])) walk(branch, value, pointer, refs);
    }
    if (Array.isArray(value))
      value.forEach((item, i) => {
        walkItem(part, item, i, pointer);
      });
    else if (isObject(value)) for (const name of Object.keys(value)) walkMember(part, value, name, pointer);
  };
  const walkItem = (part: Json, item: unknown, i: number, pointer: string): void => {
    const fixed = Array.isArray(part.prefixItems) ? part.prefixItems[i] : undefined;
    for (const sub of objects(fixed ?? part.items)) walk(sub, item, `${pointer}/${i}`, []);
  };
  const walkMember = (part: Json, value: Json, name: string, pointer: string): void => {
    const own = isObject(part.properties) && Object.hasOwn(part.properties, name) ? part.properties[name] : undefined;
    const byPattern = Object.entries(isObject(part.patternProperties) ? part.patternProperties : {})
      .filter(([pattern]) => matches(pattern, name))
      .map(([, sub]) => sub);
    const subs = [own, ...byPattern].filter((sub) => sub !== undefined);
    for (const sub of objects(subs.length > 0 ? subs : part.additionalProperties)) {
      walk(sub, value[name], `${pointer}/${escapePointer(name)}`, []);
    }
  };
  if (isObject(schema)) walk(schema, config, "", []);
  return [...found.values()];
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, "u").test(name);
  } catch {
    return false;
  }
}

/** A reference inside the same schema (`#/$defs/row`); others are not followed. */
function resolve(schema: unknown, ref: string): Json | undefined {
  if (ref === "#") return isObject(schema) ? schema : undefined;
  if (!ref.startsWith("#/")) return undefined;
  let part: unknown = schema;
  for (const step of ref.slice(2).split("/")) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    part = isObject(part) && Object.hasOwn(part, name) ? part[name] : undefined;
  }
  return isObject(part) ? part : undefined;
}
