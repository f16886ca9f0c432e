import { forbiddenKeys } from "#schemas/json.ts";
import { unreadable, unwritable } from "./formatError.ts";

/** The fields of a form by name; one that comes several times is a list. Throws FormatError. */
export function readForm(text: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text.trim())) {
    if (forbiddenKeys.has(name)) throw unreadable(`The field ${name} is not allowed.`);
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
    fields[name] = known === undefined ? value : [known, value].flat();
  }
  return fields;
}

/** An object as a form (application/x-www-form-urlencoded): lists repeat their field, what is absent is left out. */
export function writeForm(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw unwritable("A form is made from an object, by field.");
  }
  const form = new URLSearchParams();
  for (const [name, field] of Object.entries(value)) {
    for (const each of [field].flat()) {
      if (each === undefined || each === null) continue;
      if (typeof each === "object") throw unwritable(`The field ${name} of a form cannot hold an object.`);
      form.append(name, String(each));
    }
  }
  return form.toString();
}
