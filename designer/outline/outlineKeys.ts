import type { KeyboardEvent } from "react";
import type { Row } from "./rows.ts";

/** What a key does on a row; all else that is done has its key in the list of actions. */
export type OutlineKey =
  | "up"
  | "down"
  | "first"
  | "last"
  | "right"
  | "left"
  | "enter"
  | "choose"
  | "chooseUp"
  | "chooseDown"
  | "menu"
  | "switch";

const plain: Readonly<Record<string, OutlineKey>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
  ArrowRight: "right",
  ArrowLeft: "left",
  Enter: "enter",
  " ": "choose",
  e: "switch",
  ContextMenu: "menu",
};

const withShift: Readonly<Record<string, OutlineKey>> = { ArrowUp: "chooseUp", ArrowDown: "chooseDown", F10: "menu" };

type Pressed = Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">;

/** What the key pressed means in the outline; null when it means nothing there. */
export function outlineKeyOf({ key, altKey, ctrlKey, metaKey, shiftKey }: Pressed): OutlineKey | null {
  if (ctrlKey || metaKey || altKey) return null;
  if (shiftKey) return withShift[key] ?? null;
  return plain[key.length === 1 ? key.toLowerCase() : key] ?? null;
}

/** The row to which a key of the arrows and of their kin leads. */
export function rowAt(rows: readonly Row[], current: Row, key: "up" | "down" | "first" | "last"): Row | undefined {
  const at = rows.findIndex((row) => row.key === current.key);
  switch (key) {
    case "up":
      return rows[at - 1];
    case "down":
      return rows[at + 1];
    case "first":
      return rows[0];
    case "last":
      return rows.at(-1);
  }
}
