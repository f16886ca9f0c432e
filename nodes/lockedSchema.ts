import { type CanonicalSchema, canonicalSchema } from "#schemas/canonical/registry.ts";
import { changesBetween } from "#schemas/diff.ts";

/** A canonical schema as a version keeps it. Versions of the first releases kept its number alone, and take the one that is installed. */
export type LockedSchema = string | Pick<CanonicalSchema, "version" | "schema">;

export const schemaVersion = (kept: LockedSchema | undefined): string | undefined =>
  typeof kept === "string" ? kept : kept?.version;

/** Two of one name as they can be compared: by their numbers alone where one of them has kept nothing else. */
export function comparedSchemas(a: LockedSchema | undefined, b: LockedSchema | undefined): [unknown, unknown] {
  const isBare = typeof a === "string" || typeof b === "string";
  return isBare ? [bare(a), bare(b)] : [a, b];
}

const bare = (kept: LockedSchema | undefined) => kept && { version: schemaVersion(kept) };

type Schemas = Readonly<Record<string, LockedSchema>>;

/** The schema that a version checks documents by: what it was made with, not what was installed since. */
export function schemaOf(schemas: Schemas, name: string): CanonicalSchema | undefined {
  const installed = canonicalSchema(name);
  const kept = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (kept === undefined || typeof kept === "string") return installed;
  const found = known.get(kept) ?? taken(name, kept, installed);
  known.set(kept, found);
  return found;
}

/** Of each plan once. */
const known = new WeakMap<object, CanonicalSchema>();

/** What is the same as the installed one is the installed one: it is compiled already, and compiling costs more than checking. */
const taken = (name: string, kept: Exclude<LockedSchema, string>, installed: CanonicalSchema | undefined): CanonicalSchema =>
  installed && changesBetween(kept.schema, installed.schema).length === 0
    ? installed
    : { name, title: installed?.title ?? name, ...kept };
