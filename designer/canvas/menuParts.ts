import type { Action } from "../actions/actions.ts";
import type { ActionId, Section } from "../actions/say.ts";

/** What is about the very thing that is selected, and what it can be taken along with. */
const ofTheSelected: readonly ActionId[] = [
  "rename",
  "write",
  "label",
  "disable",
  "enable",
  "fold",
  "unfold",
  "group",
  "ungroup",
  "zoomTo",
];
const clipboard: readonly ActionId[] = ["cut", "copy", "paste", "duplicate"];
/** About the whole canvas; its buttons and keys stay at hand while something is selected. */
const ofTheCanvas: ReadonlySet<ActionId> = new Set([
  "fit",
  "zoomIn",
  "zoomOut",
  "find",
  "outline",
  "preview",
  "problems",
  "importFlow",
  "exportFlow",
  "selectAll",
  "addNode",
  "addNote",
]);
const sections: readonly Section[] = ["edit", "arrange", "view", "flow"];

/** The lines of the canvas' menu, in parts: first what is about the selected, removing last; the whole canvas only where nothing is. */
export function menuParts(actions: readonly Action[]): Action[][] {
  const among = (ids: readonly ActionId[]) => ids.flatMap((id) => actions.find((action) => action.id === id) ?? []);
  const placed = new Set<ActionId>([...ofTheSelected, ...clipboard, "remove"]);
  const selected = actions.some(({ id }) => id === "copy" || id === "remove");
  const rest = actions.filter(({ id }) => !placed.has(id) && !(selected && ofTheCanvas.has(id)));
  const inSections = sections.map((section) => rest.filter((action) => action.section === section));
  return [among(ofTheSelected), among(clipboard), ...inSections, among(["remove"])].filter((part) => part.length > 0);
}
