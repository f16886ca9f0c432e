import { sayer } from "../i18n/bundle.ts";
import { bundlesTexts } from "../i18n/en/bundles.ts";

/** A sentence on flows as files. */
export const say = sayer("bundles", bundlesTexts);
