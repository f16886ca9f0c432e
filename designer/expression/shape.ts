/** What is known of a value from the samples: what it may be, and which fields it has. */
export interface Shape {
  kinds: ReadonlySet<Kind>;
  /** By name; null where nothing is known of the field but that it is there. */
  fields: ReadonlyMap<string, Known>;
  /** Whether it is one value, always an array, or one value for one and an array for more: JSONata lets lists of one collapse. */
  card: "one" | "array" | "either";
  /** Single values seen, for people to recognise it. */
  examples: readonly Example[];
  /** True when it is an amount: its samples look so, or its name says so. */
  money: boolean;
}

export type Kind = "text" | "number" | "boolean" | "null" | "object";
export type Example = string | number | boolean;

/** Nothing is known of it. */
export type Known = Shape | null;

const EXAMPLES_KEPT = 3;
/** Members of one array that are looked at: the samples' lists are short, uploaded ones may not be. */
const MEMBERS_SEEN = 200;

const moneyWords = /(price|amount|total|subtotal|tax|cost|fee|discount|gross|net|refund|balance|charge|tip|payment|due)s?$/i;
const decimalText = /^-?\d+\.\d{1,6}$/;

interface Draft {
  kinds: Set<Kind>;
  fields: Map<string, Draft>;
  list: boolean;
  examples: Example[];
}

const newDraft = (): Draft => ({ kinds: new Set(), fields: new Map(), list: false, examples: [] });

function look(draft: Draft, value: unknown): void {
  if (Array.isArray(value)) {
    draft.list = true;
    for (const member of value.slice(0, MEMBERS_SEEN)) look(draft, member);
    return;
  }
  if (value === undefined) return;
  if (value === null) draft.kinds.add("null");
  else if (typeof value === "object") {
    draft.kinds.add("object");
    for (const [name, member] of Object.entries(value)) {
      const field = draft.fields.get(name) ?? newDraft();
      draft.fields.set(name, field);
      look(field, member);
    }
  } else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    draft.kinds.add(typeof value === "string" ? "text" : typeof value === "number" ? "number" : "boolean");
    if (draft.examples.length < EXAMPLES_KEPT && !draft.examples.includes(value)) draft.examples.push(value);
  }
}

const finish = (draft: Draft, name: string): Shape => ({
  kinds: draft.kinds,
  fields: new Map([...draft.fields].map(([field, inner]) => [field, finish(inner, field)])),
  card: draft.list ? "array" : "one",
  examples: draft.examples,
  money: isAmount(draft, name),
});

/** An amount has digits after the point in a text, or a name that says so. */
export function isAmount({ kinds, examples }: Pick<Shape, "kinds" | "examples">, name: string): boolean {
  if (kinds.has("object") || kinds.has("boolean")) return false;
  const texts = examples.filter((example) => typeof example === "string");
  if (texts.length > 0) return texts.every((text) => decimalText.test(text));
  return kinds.has("number") && moneyWords.test(name);
}

/** What the samples have in common and apart; null without samples. */
export function shapeOf(samples: readonly unknown[]): Known {
  if (samples.length === 0) return null;
  const draft = newDraft();
  for (const sample of samples) look(draft, sample);
  return finish(draft, "");
}

const nothing: Shape = { kinds: new Set(), fields: new Map(), card: "one", examples: [], money: false };

export const single = (...kinds: Kind[]): Shape => ({ ...nothing, kinds: new Set(kinds) });
export const moneyText: Shape = { ...single("text"), money: true };
export const record = (fields: ReadonlyMap<string, Known>): Shape => ({ ...single("object"), fields });

/** One member of it. */
export const member = (shape: Known): Known => (shape === null || shape.card === "one" ? shape : { ...shape, card: "one" });
export const withCard = (shape: Known, card: Shape["card"]): Known => (shape === null ? null : { ...shape, card });

/** Either of two; unknown when one of them is. */
export function merged(a: Known, b: Known): Known {
  if (a === null || b === null) return null;
  const fields = new Map(a.fields);
  for (const [name, field] of b.fields) fields.set(name, fields.has(name) ? merged(fields.get(name) ?? null, field) : field);
  return {
    kinds: new Set([...a.kinds, ...b.kinds]),
    fields,
    card: a.card === b.card ? a.card : "either",
    examples: [...new Set([...a.examples, ...b.examples])].slice(0, EXAMPLES_KEPT),
    money: a.money || b.money,
  };
}

/** Nothing but texts, as far as the samples show. */
export const isText = (shape: Known): boolean =>
  (shape?.kinds.has("text") && ![...shape.kinds].some((kind) => kind !== "text" && kind !== "null")) ?? false;
