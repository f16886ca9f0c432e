import type { RawResponse } from "#nodes/plan.ts";
import { isObject } from "#schemas/isObject.ts";
import { parseJson } from "#schemas/json.ts";

/**
 * Takes the secret out of an answer, at a JSON Pointer in its body: no expression, no sentence and nothing that is kept sees
 * it. Null where there is none.
 */
export function takeSecret(response: RawResponse, at: string): { response: RawResponse; secret: string | null } {
  const none = { response, secret: null };
  let body: unknown;
  try {
    body = parseJson(response.body);
  } catch {
    return none;
  }
  const steps = at.slice(1).split("/");
  const name = steps.pop() ?? "";
  const holder = steps.reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), body);
  if (!isObject(holder) || typeof holder[name] !== "string" || holder[name] === "") return none;
  const secret = holder[name];
  delete holder[name];
  return { response: { ...response, body: JSON.stringify(body) }, secret };
}
