import { useMemo, useRef } from "react";
import { type Action, useActions } from "../actions/actions.ts";
import type { ActionId } from "../actions/say.ts";

/** Of each action that the outline does in its own way: whether it can be done, and how it is. */
export type Doing = Partial<Record<ActionId, { applies: boolean; run: () => void }>>;

/** Their keys, as far as the rows do not take them themselves, in the order in which they are offered. */
const keys: readonly (readonly [ActionId, readonly string[]])[] = [
  ["addNode", ["A"]],
  ["addNote", ["N"]],
  ["rename", ["F2", "L"]],
  ["connect", ["C"]],
  ["reconnect", ["R"]],
  ["moveUp", ["Alt+ArrowUp"]],
  ["moveDown", ["Alt+ArrowDown"]],
  ["duplicate", ["Mod+D"]],
  ["remove", ["Delete", "Backspace"]],
  ["selectAll", ["Mod+A"]],
];

const nowhere = () => [];

/** What the outline does in its own way, under the names and keys that it has on the canvas. */
export function useOutlineActions(doing: Doing): void {
  const latest = useRef(doing);
  latest.current = doing;
  const actions = useMemo<Action[]>(() => {
    const action = (id: ActionId) => ({
      id,
      section: "edit" as const,
      applies: () => latest.current[id]?.applies ?? false,
      run: () => latest.current[id]?.run(),
    });
    return [
      ...keys.map(([id, all]): Action => ({ ...action(id), keys: all })),
      // Escape lets go of what is chosen first.
      { ...action("leave"), section: "view", keys: ["Escape"], keyOnly: true },
    ];
  }, []);
  useActions("outline", actions, nowhere);
}
