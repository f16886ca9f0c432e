/** Names on the way to a field; arrays on the way are not named. A first name that begins with `$` is a variable's. */
export type Path = readonly string[];

/** A path as one text, to find it again. */
export const keyOf = (path: Path): string => path.map((name) => name.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");

/** The path of a key. */
export const pathOf = (key: string): Path =>
  key === "" ? [] : key.split("/").map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));

/** True for the path itself and all that is inside it. */
export const isWithin = (path: Path, outer: Path): boolean =>
  path.length >= outer.length && outer.every((name, index) => path[index] === name);

export const samePath = (a: Path, b: Path): boolean => a.length === b.length && isWithin(a, b);

/** What a person reads: `lines.sku`. */
export const pathText = (path: Path): string => path.join(".");
