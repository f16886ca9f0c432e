import type { Connector } from "#schemas/connector.ts";
import { isObject } from "#schemas/isObject.ts";
import { pointerSteps } from "#schemas/pointer.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";

interface ConnectionSchema {
  properties?: Record<string, { "x-secret"?: unknown }>;
}

/** What a connection was given: its settings, new secrets, and the names of secrets that it has already. */
export interface GivenConnection {
  config: Readonly<Record<string, unknown>>;
  secrets: Readonly<Record<string, string>>;
  secretNames: readonly string[];
}

/** The schema asking for none of these, neither always nor by a condition. */
function askingNotFor(names: readonly string[], schema: object): object {
  const without = (word: string, value: unknown): unknown => {
    if (word === "required" && Array.isArray(value)) return value.filter((name) => !names.includes(name));
    if (word === "allOf" && Array.isArray(value)) return value.map((each) => askingNotFor(names, each));
    return (word === "then" || word === "else") && isObject(value) ? askingNotFor(names, value) : value;
  };
  return Object.fromEntries(Object.entries(schema).map(([word, value]) => [word, without(word, value)]));
}

/** What keeps a connection from being one of its connector, a sentence each; it never says what a secret is. */
export function connectionFaults({ connection, title }: Connector, { config, secrets, secretNames }: GivenConnection): string[] {
  const schema = connection as ConnectionSchema;
  const isSecret = (name: string) =>
    Object.hasOwn(schema.properties ?? {}, name) && schema.properties?.[name]?.["x-secret"] === true;
  const open = Object.keys(config).filter(isSecret);
  if (open.length > 0) return open.map((name) => `${name} is a secret; give it among the secrets.`);
  const strange = Object.keys(secrets).filter((name) => !isSecret(name));
  if (strange.length > 0) return strange.map((name) => `${title} has no secret ${name}.`);
  // Those that it has already need not be given again.
  const checked = checkAgainst(askingNotFor(secretNames, schema), { ...config, ...secrets });
  if (!checked.ok) return [`The connector ${title} cannot say what a connection is: ${checked.message}`];
  return checked.faults.map(({ subject, predicate }) => {
    const place = pointerSteps(subject).join("/");
    return `${place === "" ? "The connection" : place} ${isSecret(place) ? "is not of the form that is needed" : predicate}.`;
  });
}
