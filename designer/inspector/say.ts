import { sayer } from "../i18n/bundle.ts";
import { nodeTexts } from "../i18n/en/node.ts";

/** A sentence of the inspector's tabs. */
export const say = sayer("node", nodeTexts);
