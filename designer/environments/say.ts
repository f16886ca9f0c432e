import { sayer } from "../i18n/bundle.ts";
import { environmentPageTexts } from "../i18n/en/environmentPage.ts";

/** A sentence of the page of environments. */
export const say = sayer("environments", environmentPageTexts);
