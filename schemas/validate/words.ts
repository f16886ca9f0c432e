import type { Mention, Problem, Words } from "../problem.ts";

/** A problem as a check tells it: its sentences are texts, or say which things of the flow they speak of. */
export interface Finding extends Omit<Problem, "message" | "hint" | "words"> {
  message: string | Words;
  hint?: string | Words;
}

/** A sentence with mentions: words`Nothing leads to node ${aNode(id)}.` */
export function words(texts: TemplateStringsArray, ...values: (string | number | Mention | Words)[]): Words {
  return inOne(texts.flatMap((text, index) => [text, ...piecesOf(values[index] ?? "")]));
}

function piecesOf(value: string | number | Mention | Words): Words {
  if (Array.isArray(value)) return value;
  return [typeof value === "number" ? String(value) : value];
}

/** Texts that stand side by side become one. */
export function inOne(pieces: Words): Words {
  const joint: Words = [];
  for (const piece of pieces) {
    const last = joint.at(-1);
    if (typeof piece === "string" && typeof last === "string") joint[joint.length - 1] = last + piece;
    else if (piece !== "") joint.push(piece);
  }
  return joint;
}

/** The sentence as it is read by who knows nothing but the file. */
export const plain = (sentence: string | Words): string =>
  piecesOf(sentence)
    .map((piece) => (typeof piece === "string" ? piece : piece.text))
    .join("");

const mentionsSomething = (sentence: string | Words): boolean => piecesOf(sentence).some((piece) => typeof piece !== "string");

/** The problem that a finding tells, in plain text; its words come along where they mention something. */
export function problemOf({ message, hint, ...rest }: Finding): Problem {
  const text = { ...rest, message: plain(message), ...(hint === undefined ? {} : { hint: plain(hint) }) };
  if (!mentionsSomething(message) && !mentionsSomething(hint ?? "")) return text;
  return { ...text, words: { message: piecesOf(message), ...(hint === undefined ? {} : { hint: piecesOf(hint) }) } };
}
