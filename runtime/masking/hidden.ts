/**
 * Values that must not be read any more, looked for all at once in one pass over a text (Aho-Corasick), so that a message of
 * very many personal values takes the time of its length. Of our own: modern-ahocorasick took more than half a minute for a
 * text of one megabyte.
 */
export interface Hidden {
  /** Whether one of them can be read out of a text: as a part, or where it is short as a word of its own. */
  isIn(text: string): boolean;
  /** The text with what can be read of them replaced; undefined where there is nothing of them. */
  replaced(text: string, instead: (value: string) => string): string | undefined;
}

/** Up to here a value is only found as a whole word: shorter ones are in every text by chance. */
const SHORT = 3;

/** Of a longer value its beginning is looked for; a text that holds so much of it is about nothing else. */
const MOST_SOUGHT = 200;

/** From `start` to `end`, of a value that may go on behind it where it is `long`. */
interface Place {
  start: number;
  end: number;
  long: boolean;
}

/** Without case; as long as the text, so that places in one are places in the other. */
export const folded = (text: string): string => text.replaceAll("\u0130", "i").toLowerCase().replaceAll("\u03c2", "\u03c3");

export function hiddenOf(values: readonly string[]): Hidden {
  const sought = new Set(values.map((value) => folded(value.trim())).filter((value) => value !== ""));
  const short = new Set([...sought].filter((value) => value.length <= SHORT));
  const trie = new Trie([...sought].filter((value) => value.length > SHORT));
  const places = (text: string): Place[] => {
    const hay = folded(text);
    const found = trie.places(hay);
    if (short.size === 0) return found;
    if (short.has(hay)) return [{ start: 0, end: hay.length, long: false }];
    const words = [...hay.matchAll(/[\p{L}\p{N}]+/gu)].filter(([word]) => short.has(word));
    return [...found, ...words.map(({ 0: word, index }) => ({ start: index, end: index + word.length, long: false }))];
  };
  return {
    isIn: (text) => places(text).length > 0,
    replaced(text, instead) {
      const found = places(text);
      if (found.length === 0) return undefined;
      if (found.some(({ long }) => long)) return instead(text);
      let said = "";
      let from = 0;
      for (const { start, end } of merged(found)) {
        said += text.slice(from, start) + instead(text.slice(start, end));
        from = end;
      }
      return said + text.slice(from);
    },
  };
}

/** Places that overlap become one. */
function merged(places: readonly Place[]): Place[] {
  const out: Place[] = [];
  for (const place of [...places].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last && place.start < last.end) last.end = Math.max(last.end, place.end);
    else out.push({ ...place });
  }
  return out;
}

const UNITS = 0x10000;

class Trie {
  /** By node and character: the node behind it. One map for all, since most nodes have one. */
  readonly #next = new Map<number, number>();
  readonly #depth = [0];
  /** The node of the longest proper ending that begins another value. */
  readonly #fail: number[] = [0];
  /** By node: the length of the longest value that ends there; 0 for none. */
  readonly #ends: number[] = [0];
  readonly #long = new Set<number>();

  constructor(values: readonly string[]) {
    const parents = [0];
    const units = [0];
    for (const value of values) {
      const end = Math.min(value.length, MOST_SOUGHT);
      let node = 0;
      for (let at = 0; at < end; at++) {
        const key = node * UNITS + value.charCodeAt(at);
        let next = this.#next.get(key);
        if (next === undefined) {
          next = this.#depth.push(at + 1) - 1;
          this.#next.set(key, next);
          parents.push(node);
          units.push(value.charCodeAt(at));
        }
        node = next;
      }
      this.#ends[node] = end;
      if (end < value.length) this.#long.add(node);
    }
    const byDepth = this.#depth.map((_depth, node) => node).sort((a, b) => (this.#depth[a] ?? 0) - (this.#depth[b] ?? 0));
    for (const node of byDepth.slice(1)) {
      const parent = parents[node] ?? 0;
      const fail = parent === 0 ? 0 : this.#step(this.#fail[parent] ?? 0, units[node] ?? 0);
      this.#fail[node] = fail;
      this.#ends[node] ||= this.#ends[fail] ?? 0;
      if (this.#long.has(fail) && this.#ends[node] === this.#ends[fail]) this.#long.add(node);
    }
  }

  #step(from: number, unit: number): number {
    let node = from;
    for (;;) {
      const next = this.#next.get(node * UNITS + unit);
      if (next !== undefined) return next;
      if (node === 0) return 0;
      node = this.#fail[node] ?? 0;
    }
  }

  /** For each end of a value in the text, the longest that ends there. */
  places(text: string): Place[] {
    const found: Place[] = [];
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      node = this.#step(node, text.charCodeAt(at));
      const length = this.#ends[node] ?? 0;
      if (length > 0) found.push({ start: at + 1 - length, end: at + 1, long: this.#long.has(node) });
    }
    return found;
  }
}
