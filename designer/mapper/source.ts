import { type Example, isAmount, type Kind } from "../expression/shape.ts";
import { keyOf, type Path } from "./path.ts";

/** A field of what comes in, as the samples show it. */
export interface SourceField {
  path: Path;
  key: string;
  name: string;
  kinds: ReadonlySet<Kind>;
  /** True where some sample has a list here. */
  list: boolean;
  /** In how many of the samples it has a value. */
  seen: number;
  of: number;
  /** Single values seen, for people to recognise it. */
  examples: readonly Example[];
  /** True when it is an amount of money. */
  money: boolean;
  children: readonly SourceField[];
}

const EXAMPLES_KEPT = 5;
/** Members of one list that are looked at. */
const MEMBERS_SEEN = 100;

interface Draft {
  kinds: Set<Kind>;
  list: boolean;
  samples: Set<number>;
  examples: Example[];
  fields: Map<string, Draft>;
}

const newDraft = (): Draft => ({ kinds: new Set(), list: false, samples: new Set(), examples: [], fields: new Map() });

function look(draft: Draft, value: unknown, sample: number): void {
  if (Array.isArray(value)) {
    draft.list = true;
    draft.samples.add(sample);
    for (const member of value.slice(0, MEMBERS_SEEN)) look(draft, member, sample);
    return;
  }
  if (value === undefined) return;
  if (value === null) {
    draft.kinds.add("null");
    return;
  }
  draft.samples.add(sample);
  if (typeof value === "object") {
    draft.kinds.add("object");
    for (const [name, member] of Object.entries(value)) {
      const field = draft.fields.get(name) ?? newDraft();
      draft.fields.set(name, field);
      look(field, member, sample);
    }
  } else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    draft.kinds.add(typeof value === "string" ? "text" : typeof value === "number" ? "number" : "boolean");
    if (draft.examples.length < EXAMPLES_KEPT && !draft.examples.includes(value)) draft.examples.push(value);
  }
}

const finish = (draft: Draft, path: Path, of: number): SourceField => ({
  path,
  key: keyOf(path),
  name: path.at(-1) ?? "",
  kinds: draft.kinds,
  list: draft.list,
  seen: draft.samples.size,
  of,
  examples: draft.examples,
  money: isAmount(draft, path.at(-1) ?? ""),
  children: [...draft.fields].map(([name, field]) => finish(field, [...path, name], of)),
});

/** The fields of all samples together; the root stands for the input itself. */
export function sourceOf(samples: readonly unknown[]): SourceField {
  const draft = newDraft();
  for (const [index, sample] of samples.entries()) look(draft, sample, index);
  return finish(draft, [], samples.length);
}

/** What every run knows besides its input. */
export function runFields(source: { system: string | null; account: string | null; node: string }): SourceField[] {
  const leaf = (path: Path, example: string | null): SourceField => ({
    path,
    key: keyOf(path),
    name: path.at(-1) ?? "",
    kinds: new Set(["text"]),
    list: false,
    seen: 1,
    of: 1,
    examples: example === null || example === "" ? [] : [example],
    money: false,
    children: [],
  });
  const group = (name: string, children: SourceField[]): SourceField => ({
    ...leaf([name], null),
    kinds: new Set(["object"]),
    children,
  });
  return [
    group("$source", [
      leaf(["$source", "system"], source.system),
      leaf(["$source", "account"], source.account),
      leaf(["$source", "node"], source.node),
    ]),
    group("$run", [leaf(["$run", "id"], null), leaf(["$run", "now"], "2026-01-15T12:00:00.000Z")]),
  ];
}

/** Fields by the key of their path. */
export function fieldsByKey(fields: readonly SourceField[]): Map<string, SourceField> {
  const found = new Map<string, SourceField>();
  const add = (field: SourceField): void => {
    if (field.path.length > 0) found.set(field.key, field);
    for (const child of field.children) add(child);
  };
  for (const field of fields) add(field);
  return found;
}

/** The first value of a field in one message, lists on the way gone into. */
export function firstAt(value: unknown, path: Path): unknown {
  const here = Array.isArray(value) && path.length > 0 ? value[0] : value;
  const [name, ...rest] = path;
  if (name === undefined) return here;
  if (typeof here !== "object" || here === null) return undefined;
  return firstAt(Reflect.get(here, name), rest);
}
