import { useLayoutEffect } from "react";
import { create } from "zustand";
import type { ActionId, Section } from "./say.ts";

/** One thing a person can do. Menu, toolbar, keys, palette and shortcut sheet all take it from here. */
export interface Action {
  id: ActionId;
  section: Section;
  keys: readonly string[];
  /** Whether it can be done right now. */
  applies: () => boolean;
  run: (key?: string) => void;
  /** The browser tells of its key by an event of its own: copy, cut and paste. */
  native?: true;
  /** Its key counts also while one types. */
  whileTyping?: true;
  /** Its key counts only where nothing but the canvas has the focus: arrows mean something in most places. */
  onCanvas?: true;
  /** It means something on the canvas alone, or the outline does it in its own way. */
  canvasOnly?: true;
  /** It means nothing without its key. */
  keyOnly?: true;
}

/** A place that one can go to by its name. */
export interface Destination {
  id: string;
  kind: "node" | "flow" | "screen";
  title: string;
  hint?: string;
  go: () => void;
}

interface Registered {
  actions: Readonly<Record<string, readonly Action[]>>;
  /** Read when the palette opens. */
  destinations: Readonly<Record<string, () => readonly Destination[]>>;
}

const registered = create<Registered>(() => ({ actions: {}, destinations: {} }));

/** All actions of what is shown; those of a page before those of the frame around it. */
export const allActions = (): Action[] => Object.values(registered.getState().actions).reverse().flat();

export const allDestinations = (): Destination[] =>
  Object.values(registered.getState().destinations)
    .reverse()
    .flatMap((list) => list());

/** Offers actions, and places to go to, for as long as the caller is shown. Both must keep their identity. */
export function useActions(owner: string, actions: readonly Action[], destinations: () => readonly Destination[]): void {
  // By the time the page is seen: a key pressed then must not be lost.
  useLayoutEffect(() => {
    registered.setState((before) => ({
      actions: { ...before.actions, [owner]: actions },
      destinations: { ...before.destinations, [owner]: destinations },
    }));
    return () =>
      registered.setState((before) => ({
        actions: without(before.actions, owner),
        destinations: without(before.destinations, owner),
      }));
  }, [owner, actions, destinations]);
}

function without<Value>(record: Readonly<Record<string, Value>>, name: string): Record<string, Value> {
  const { [name]: _gone, ...rest } = record;
  return rest;
}
