import type { KeyboardEvent } from "react";
import type { Row } from "./rows.ts";

/** What a key does on a row. */
export type OutlineKey =
  | "up"
  | "down"
  | "first"
  | "last"
  | "right"
  | "left"
  | "enter"
  | "rename"
  | "connect"
  | "moveUp"
  | "moveDown"
  | "switch"
  | "remove";

const plain: Readonly<Record<string, OutlineKey>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
  ArrowRight: "right",
  ArrowLeft: "left",
  Enter: "enter",
  " ": "enter",
  F2: "rename",
  Delete: "remove",
  Backspace: "remove",
  c: "connect",
  e: "switch",
};

/** What the key pressed means in the outline; null when it means nothing there. */
export function outlineKeyOf({ key, altKey, ctrlKey, metaKey }: Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey">) {
  if (ctrlKey || metaKey) return null;
  if (altKey) return key === "ArrowUp" ? "moveUp" : key === "ArrowDown" ? "moveDown" : null;
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
