import i18next from "i18next";

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** `items_one` and `items_other` are asked for as `items`, with a count. */
type Plain<Name extends string> = Name extends `${infer Stem}_${"one" | "other"}` ? Stem : Name;

type KeyOf<All extends Texts> = { [Part in keyof All & string]: `${Part}.${Plain<keyof All[Part] & string>}` }[keyof All &
  string];

/**
 * Texts that are read with the part of the designer that shows them: together, all would be too deep for the types of
 * i18next, and too much for the first page. Gives what says one of them.
 */
export function sayer<All extends Texts>(bundle: string, texts: All) {
  i18next.addResourceBundle("en", bundle, texts);
  return (key: KeyOf<All>, params: Readonly<Record<string, string | number>> = {}): string =>
    (i18next.t as (key: string, options: object) => string)(`${bundle}:${key}`, params);
}
