import { type Tree, tokenRange } from "./tree.ts";
import type { Definition, Walk } from "./walk.ts";

/** As much of what a variable is made of as one reads at a glance, in characters. */
const LONGEST = 80;

/** How a variable is made: of a function its parameters, else the beginning of what it is; and the comment right before it. */
export function definitionOf(
  { text, tokens, comments }: Walk,
  name: Tree | undefined,
  value: Tree | undefined,
): Definition | undefined {
  const at = name && tokenRange(tokens, name.position);
  if (!at || !value) return undefined;
  const sign = text.slice(at.from, at.to);
  const comment = comments.findLast(({ to }) => to <= at.from && text.slice(to, at.from).trim() === "");
  return {
    text: `${sign} := ${value.type === "lambda" ? parameters(value) : beginning(text.slice(at.to).replace(/^\s*:=\s*/, ""))}`,
    comment: comment
      ? comment.text
          .replaceAll(/^\/\*+|\*+\/$/g, "")
          .replaceAll(/\s+/g, " ")
          .trim()
      : "",
  };
}

const parameters = ({ arguments: named = [] }: Tree): string => `function(${named.map(({ value }) => `$${value}`).join(", ")})`;

function beginning(text: string): string {
  const [line = ""] = /^[^;\n]*/.exec(text) ?? [];
  const whole = line.length <= LONGEST && /^\s*(;|$)/.test(text.slice(line.length));
  return whole ? line.trim() : `${line.slice(0, LONGEST).trim()} …`;
}
