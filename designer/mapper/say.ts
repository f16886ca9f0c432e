import { sayer } from "../i18n/bundle.ts";
import { mapperTexts } from "../i18n/en/mapper.ts";

/** A sentence of the field mapper. */
export const say = sayer("mapper", mapperTexts);
