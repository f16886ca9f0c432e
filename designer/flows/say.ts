import { sayer } from "../i18n/bundle.ts";
import { flowListTexts } from "../i18n/en/flowList.ts";

/** A sentence of the list of flows. */
export const say = sayer("flowList", flowListTexts);
