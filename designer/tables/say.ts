import { sayer } from "../i18n/bundle.ts";
import { tablesTexts } from "../i18n/en/tables.ts";

/** A sentence on reference tables. */
export const say = sayer("tables", tablesTexts);
