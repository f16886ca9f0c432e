import i18next from "i18next";
import { jsonataTexts } from "../i18n/en/jsonata.ts";

const bundle = "jsonata";
i18next.addResourceBundle("en", bundle, jsonataTexts);

type Texts = typeof jsonataTexts;
type Key = { [Part in keyof Texts]: `${Part}.${keyof Texts[Part] & string}` }[keyof Texts];

/** A sentence on JSONata. They are many, and come with the editor: the catalogue's own types know only what every page has. */
export const say = (key: Key, params: Readonly<Record<string, string>> = {}): string =>
  (i18next.t as (key: string, options: object) => string)(`${bundle}:${key}`, params);
