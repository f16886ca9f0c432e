import { sayer } from "../i18n/bundle.ts";
import { editingTexts } from "../i18n/en/editing.ts";

/** A sentence on editing, or the name of an action. */
export const say = sayer("editing", editingTexts);

export type ActionId = keyof (typeof editingTexts)["action"];
export type Section = keyof (typeof editingTexts)["section"];
