import { expect } from "vitest";

/** Fields by path, each with why it is as it is: why we do not send it, or where it is documented besides the example. */
export type Reasons = Readonly<Record<string, string>>;

const kindOf = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);

/** Fields by path, without the places in lists, each with the kinds of its values. */
export function fields(value: unknown, path = "", found = new Map<string, Set<string>>()): Map<string, Set<string>> {
  if (typeof value !== "object" || value === null) {
    found.set(path, (found.get(path) ?? new Set()).add(kindOf(value)));
    return found;
  }
  for (const [name, child] of Object.entries(value)) fields(child, Array.isArray(value) ? path : `${path}/${name}`, found);
  return found;
}

const within = (path: string, reasons: Reasons): boolean =>
  Object.keys(reasons).some((each) => path === each || path.startsWith(`${each}/`));

/** An example that holds nothing there takes any kind, and null stands for every value that is not there. */
const alike = (theirs: ReadonlySet<string>, ours: ReadonlySet<string>): boolean =>
  [...ours].every((kind) => kind === "null" || theirs.has(kind) || [...theirs].every((each) => each === "null"));

const said = (path: string, kinds: ReadonlySet<string>): string => `${path} (${[...kinds].join(" or ")})`;

/**
 * Compares field by field, in both directions: what the example has and we do not send, or send as another kind, and what
 * we send without the example having it. Both need a reason, and a reason for nothing is a mistake.
 */
export function agrees(example: unknown, ours: unknown, notSent: Reasons = {}, documented: Reasons = {}): void {
  const [theirs, mine] = [fields(example), fields(ours)];
  const missing = [...theirs].filter(([path]) => !within(path, notSent) && !mine.has(path));
  expect(missing.map(([path, kinds]) => said(path, kinds))).toEqual([]);
  const other = [...mine].filter(([path, kinds]) => theirs.has(path) && !alike(theirs.get(path) ?? new Set(), kinds));
  expect(other.map(([path, kinds]) => `${said(path, kinds)}, not ${[...(theirs.get(path) ?? [])].join(" or ")}`)).toEqual([]);
  const invented = [...mine.keys()].filter((path) => !theirs.has(path) && !within(path, documented));
  expect(invented).toEqual([]);
  const idle = (reasons: Reasons, paths: readonly string[]): string[] =>
    Object.keys(reasons).filter((path) => !paths.some((each) => each === path || each.startsWith(`${path}/`)));
  expect([idle(notSent, [...theirs.keys()]), idle(documented, [...mine.keys()])]).toEqual([[], []]);
}

/** One reason for several fields. */
export const all = (paths: readonly string[], reason: string): Reasons => Object.fromEntries(paths.map((path) => [path, reason]));

/** What the system cannot do without: each is there, with a value, and in every one of a list. */
export function requires(body: unknown, paths: readonly string[]): void {
  const lacking = paths.filter((path) => !isFilled(body, path.split("/").slice(1)));
  expect(lacking).toEqual([]);
}

function isFilled(value: unknown, [name, ...rest]: readonly string[]): boolean {
  if (Array.isArray(value))
    return value.length > 0 && value.every((each) => isFilled(each, name === undefined ? [] : [name, ...rest]));
  if (name === undefined) return value !== undefined && value !== null && value !== "";
  return typeof value === "object" && value !== null && isFilled((value as Record<string, unknown>)[name], rest);
}
