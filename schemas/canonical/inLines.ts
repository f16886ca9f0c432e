import { CanonicalRefusal } from "./canonicalRefusal.ts";

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** A text in lines of at most `width` characters, broken between words; none where a word is longer than that. */
function wrapped(text: string, width: number): string[] | undefined {
  const lines: string[] = [];
  for (const word of words(text)) {
    if (word.length > width) return undefined;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/**
 * The texts of an address as a file holds them: at most `most` lines of at most `width` characters. A text that is longer goes on in
 * the next line; where that makes too many, all of them run on, with commas between. Throws CanonicalRefusal where that is too long
 * as well, or a word is: nothing of an address is dropped or cut.
 */
export function inLines(texts: unknown, width: number, most: number, what: string): string[] {
  const parts = [texts ?? []].flat().flatMap((text) => {
    const told = typeof text === "string" || typeof text === "number" ? words(String(text)).join(" ") : "";
    return told === "" ? [] : [told];
  });
  const apart = parts.map((part) => wrapped(part, width));
  const lines = apart.includes(undefined) ? undefined : (apart.flat() as string[]);
  if (lines !== undefined && lines.length <= most) return lines;
  const joined = wrapped(parts.join(", "), width);
  if (joined !== undefined && joined.length <= most) return joined;
  throw new CanonicalRefusal(
    "inLines.tooLong",
    `There is room for ${most === 1 ? "one line" : `${most} lines`} of ${width} characters for the ${what}, and "${parts.join(", ")}" does not fit. Give a shorter one in a Map before this node.`,
  );
}
