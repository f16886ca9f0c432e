import { sayer } from "../i18n/bundle.ts";
import { jsonataTexts } from "../i18n/en/jsonata.ts";

/** A sentence on JSONata. */
export const say = sayer("jsonata", jsonataTexts);
