import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import { expressionFailure } from "./expression/expressionFailure.ts";
import type { PureContext } from "./pureNode.ts";

/** Longest correlation or batch key; a longer one does not fit an index entry and is a mistake in the expression. */
const MAX_KEY = 512;

type Config = Readonly<Record<string, unknown>>;
type Fault = { ok: false; class: OutcomeClass; reason: Reason };

export const invalid = (code: string, message: string, path: string, hint: string, found?: unknown): Fault => ({
  ok: false,
  class: "invalid",
  reason: { code, message, hint, path, ...(found === undefined ? {} : { found }) },
});

/** What the config's expression `name` gives for the item; `undefined` when it gives nothing. */
export async function configured(
  config: Config,
  name: string,
  item: unknown,
  context: PureContext,
): Promise<{ ok: true; value: unknown } | Fault> {
  try {
    return { ok: true, value: await context.evaluate(String(config[name] ?? ""), item) };
  } catch (raw) {
    return { ok: false, ...expressionFailure(raw, `/config/${name}`, `The expression "${name}"`) };
  }
}

/** A key by which items meet: a text or a number that is not empty. */
export async function configuredKey(
  config: Config,
  name: string,
  item: unknown,
  context: PureContext,
): Promise<{ ok: true; key: string } | Fault> {
  const result = await configured(config, name, item, context);
  if (!result.ok) return result;
  const key = typeof result.value === "number" ? String(result.value) : result.value;
  if (typeof key === "string" && key !== "" && key.length <= MAX_KEY) return { ok: true, key };
  return invalid(
    "control.key",
    `The expression "${name}" gave no key: a text of 1 to ${MAX_KEY} characters or a number is needed.`,
    `/config/${name}`,
    "Check that the item has what the key is made from.",
    typeof key === "object" && key !== null ? "an object or array" : key,
  );
}

/** Seconds of the config as milliseconds. */
export const configuredMs = (config: Config, name: string, fallbackSeconds: number): number =>
  Math.round((typeof config[name] === "number" ? config[name] : fallbackSeconds) * 1000);

/** An integer of the config, or what stands in its place. */
export const configuredNumber = (config: Config, name: string, fallback: number): number =>
  typeof config[name] === "number" ? config[name] : fallback;
