import { sayer } from "../i18n/bundle.ts";
import { restoringTexts } from "../i18n/en/restoring.ts";

/** A sentence of the question before a draft is given up. */
export const say = sayer("restoring", restoringTexts);
