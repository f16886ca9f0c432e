import { sayer } from "../i18n/bundle.ts";
import { fileTexts } from "../i18n/en/fileColumns.ts";

/** A sentence of the columns of a file. */
export const say = sayer("fileColumns", fileTexts);
