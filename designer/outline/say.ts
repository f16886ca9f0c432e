import { sayer } from "../i18n/bundle.ts";
import { outlineTexts } from "../i18n/en/outline.ts";

/** A sentence of the outline. */
export const say = sayer("outline", outlineTexts);
