import { sayer } from "../i18n/bundle.ts";
import { takeOutTexts } from "../i18n/en/takeOut.ts";

/** A sentence of the question before a flow is taken out of an environment. */
export const say = sayer("takeOut", takeOutTexts);
