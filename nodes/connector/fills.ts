import { isObject } from "#schemas/isObject.ts";
import { pointerSteps } from "#schemas/pointer.ts";
import { settingCounts } from "#schemas/settingCounts.ts";
import { isFillable } from "#schemas/validate/fills.ts";

type Json = Record<string, unknown>;

interface Configured {
  config?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * An operation with what a node's config says in its places: a property of the config with `"x-fills": "/request/path"`
 * stands, where the node gives it, for what the operation has there. Everything after reads it as any other operation.
 */
export function filledIn<Operation extends Configured>(operation: Operation, config: Json | undefined): Operation {
  const properties = isObject(operation.config?.properties) ? operation.config.properties : {};
  const fills = Object.entries(properties).flatMap(([name, schema]): [string, unknown][] => {
    const place = isObject(schema) ? schema["x-fills"] : undefined;
    const value = config && Object.hasOwn(config, name) ? config[name] : undefined;
    const counts = typeof place === "string" && isFillable(place) && !isEmpty(value);
    return counts && settingCounts(properties, config ?? {}, name) ? [[place, value]] : [];
  });
  if (fills.length === 0) return operation;
  const filled = structuredClone(operation) as Json;
  for (const [place, value] of fills) put(filled, pointerSteps(place), value);
  return filled as Operation;
}

/** What a form leaves in a field that nobody has filled in. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === "" || (isObject(value) && Object.keys(value).length === 0);

function put(into: Json, [step = "", ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    into[step] = value;
    return;
  }
  const inner = typeof into[step] === "object" && into[step] !== null ? into[step] : {};
  into[step] = inner;
  put(inner as Json, rest, value);
}
