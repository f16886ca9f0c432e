import { sayer } from "../i18n/bundle.ts";
import { sampleTexts } from "../i18n/en/samples.ts";

/** A sentence on samples and on what systems answer to them. */
export const say = sayer("samples", sampleTexts);
