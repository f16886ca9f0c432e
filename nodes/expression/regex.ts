import { RE2JS } from "re2js";

/** How many compiled patterns are kept; expressions use few. */
const KEPT_PATTERNS = 200;
const compiled = new Map<string, RE2JS>();

/** Compiles a pattern for RE2. Throws a sentence where RE2 has no such construct (backreferences, lookahead). */
export function compilePattern(pattern: RegExp): RE2JS {
  const key = `${pattern.flags}/${pattern.source}`;
  const known = compiled.get(key);
  if (known) return known;
  // `g` and `y` mean nothing to RE2JS; the position is kept here.
  const flags = pattern.flags.replace(/[gy]/g, "");
  let re: RE2JS;
  try {
    re = RE2JS.compile(RE2JS.translateRegExp(new RegExp(pattern.source, flags)));
  } catch (raw) {
    const why = raw instanceof Error ? raw.message : String(raw);
    throw new Error(
      `The regular expression /${pattern.source}/ cannot be used, because patterns must run in linear time: ${why}`,
    );
  }
  if (compiled.size >= KEPT_PATTERNS) compiled.clear();
  compiled.set(key, re);
  return re;
}

/**
 * The part of RegExp that JSONata uses, on RE2: a pattern cannot take more than linear time, so no document can hold
 * an evaluator with a backtracking pattern, which JSONata's own timeout would not stop.
 */
export class LinearRegExp {
  lastIndex = 0;
  private readonly re: RE2JS;

  constructor(pattern: RegExp) {
    this.re = compilePattern(pattern);
  }

  exec(text: string): RegExpExecArray | null {
    const matcher = this.re.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    // A group that took no part is undefined, as in RegExp, though the type there says string.
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined) as string[];
    const index = matcher.start();
    this.lastIndex = matcher.end();
    return Object.assign(groups as [string, ...string[]], { index, input: text }) as RegExpExecArray;
  }
}
