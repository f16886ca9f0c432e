import { isObject } from "./isObject.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Whether a setting counts beside the others of its config: `"x-when": { "format": ["csv"] }` has it count only where
 * `format` is `csv`, chosen or by default. One that does not count is not shown and fills no place; it is kept, so that
 * choosing the other format and back loses nothing.
 */
export function settingCounts(properties: Json, config: Json, name: string): boolean {
  const schema = properties[name];
  const when = isObject(schema) ? schema["x-when"] : undefined;
  if (!isObject(when)) return true;
  return Object.entries(when).every(([other, values]) => {
    const beside = Object.hasOwn(properties, other) ? properties[other] : undefined;
    const value = Object.hasOwn(config, other) ? config[other] : undefined;
    return Array.isArray(values) && values.includes(value ?? (isObject(beside) ? beside.default : undefined));
  });
}
