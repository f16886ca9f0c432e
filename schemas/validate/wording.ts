import { pointerOf } from "../pointer.ts";
import type { Mention, Words } from "../problem.ts";
import { inOne, plain, words } from "./words.ts";

/** How values, lists and likely names stand in the sentences of problems. */

const LONGEST = 60;

/** A value in quotes, shortened to stay readable; never throws, whatever it is given. */
export function quote(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= typeof value;
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const NAMED = 12;

/** Members with what stands between them; "none" for an empty list. Long lists end with how many more there are. */
function inARow<Member>(members: readonly Member[], last: string): (Member | string)[] {
  if (members.length === 0) return ["none"];
  const shown: (Member | string)[] = members.slice(0, NAMED);
  if (members.length > NAMED) shown.push(`${members.length - NAMED} more`);
  return shown.flatMap((member, at) => [at === 0 ? "" : at === shown.length - 1 ? ` ${last} ` : ", ", member]);
}

/** `"a", "b" and "c"`. */
export const list = (names: readonly string[], last = "and"): string => inARow(names.map(quote), last).join("");

/** The same of things that the sentence mentions. */
export const listed = (mentions: readonly Mention[], last = "and"): Words => inOne(inARow(mentions, last));

export const aNode = (id: string): Mention => ({ text: quote(id), node: id });
export const aType = (type: string): Mention => ({ text: quote(type), type });
export const aConnector = (id: string): Mention => ({ text: quote(id), connector: id });
export const anInput = (name: string): Mention => ({ text: quote(name), input: name });
/** Of the problem's node where no other is named. */
export const anOutput = (name: string, node?: string): Mention => ({
  text: quote(name),
  output: name,
  ...(node === undefined ? {} : { node }),
});
/** A setting of the node, by the name that it has in the file. */
export const aSetting = (name: string): Mention => ({ text: quote(name), setting: pointerOf(name) });

/** Edits from one name to the other, ignoring case: a letter more, less, another, or two exchanged. */
function distance(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  const table = Array.from({ length: left.length + 1 }, (_, i) => Array.from({ length: right.length + 1 }, (_, j) => i + j));
  const at = (i: number, j: number): number => table[i]?.[j] ?? 0;
  for (let i = 1; i <= left.length; i++) {
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1];
      const exchanged = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const ways = [at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1)];
      if (exchanged) ways.push(at(i - 2, j - 2) + 1);
      (table[i] ?? [])[j] = Math.min(...ways);
    }
  }
  return at(left.length, right.length);
}

/** The known name that was probably meant, when one is near enough. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 100) return undefined;
  const near = known
    .map((candidate) => ({ candidate, far: distance(name, candidate) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3)));
  return near.sort((a, b) => a.far - b.far)[0]?.candidate;
}

/** "Did you mean ...?" where one name is near, else the names there are. */
export const suggestion = (name: string, known: readonly string[], there: string): string =>
  plain(suggested(name, known, there, (one) => ({ text: quote(one) })));

/** The same of things that the sentence mentions. */
export function suggested(name: string, known: readonly string[], there: string, as: (name: string) => Mention): Words {
  const meant = nearest(name, known);
  if (meant !== undefined) return words`Did you mean ${as(meant)}?`;
  return known.length === 0 ? [`There are no ${there}.`] : words`The ${there} are ${listed(known.map(as))}.`;
}

/** A value that is written into the text of a statement can become a part of it. */
export const sqlTemplate = (subject: string | Words, pointer: string) => ({
  code: "sql.template",
  severity: "error" as const,
  pointer,
  message: words`${subject} has {{ }} in an SQL statement, which is never built from texts.`,
  hint: 'Put the placeholder of the database there, such as $1, and the value into "values".',
});
