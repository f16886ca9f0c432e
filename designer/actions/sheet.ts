import type { Action } from "./actions.ts";

/** One line of the sheet: what is done, and all keys that do it. */
type Line = Pick<Action, "id" | "section" | "keys">;

/** Each action once, where a page and a part of it both have a key for it. */
export function linesOf(actions: readonly Action[]): Line[] {
  const lines = new Map<Action["id"], Line>();
  for (const { id, section, keys } of actions) {
    if (keys.length === 0) continue;
    const before = lines.get(id);
    lines.set(id, { id, section: before?.section ?? section, keys: [...new Set([...(before?.keys ?? []), ...keys])] });
  }
  return [...lines.values()];
}

/** What the fields of a mapping know by themselves, where they have the focus. */
export const mapperKeys = [
  ["take", "Enter"],
  ["edit", "F2"],
  ["accept", "Shift+Enter"],
  ["unmap", "Delete"],
  ["leave", "Escape"],
] as const;

/** What the expression editor knows by itself. */
export const editorKeys = [
  ["complete", "Ctrl+Space"],
  ["takeCompletion", "Tab"],
  ["format", "Shift+Alt+F"],
  ["nextFault", "F8"],
] as const;
