import { useMemo, useRef } from "react";
import { type Action, useActions } from "../actions/actions.ts";

interface Doing {
  add: () => void;
  duplicate: () => void;
}

const nowhere = () => [];

/** What the outline does in its own way, under the names and keys that it has on the canvas. */
export function useOutlineActions(may: boolean, doing: Doing): void {
  const latest = useRef(doing);
  latest.current = doing;
  const actions = useMemo<Action[]>(
    () => [
      { id: "addNode", section: "edit", keys: ["A"], applies: () => may, run: () => latest.current.add() },
      { id: "duplicate", section: "edit", keys: ["Mod+D"], applies: () => may, run: () => latest.current.duplicate() },
    ],
    [may],
  );
  useActions("outline", actions, nowhere);
}
