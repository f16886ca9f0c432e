import { createContext, use } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { Arrival } from "./inHand.ts";

/** What the hand and the eye are at on a canvas; apart from the drawing, so that a card redraws only where it is meant. */
export interface Hand {
  /** The edge under the pointer, or under what is dragged from the palette. */
  edge: string | null;
  /** The edge whose label is being written. */
  labelled: string | null;
  /** The note or group that is being written on, by its id on the board. */
  written: string | null;
  /** Where the keyboard has gone to last. */
  arrived: Arrival | null;
  /** While an edge is drawn: the nodes that cannot take it. */
  refusing: ReadonlySet<string> | null;
  /** While something is looked for: the nodes and notes in which it stands. */
  found: ReadonlySet<string> | null;
}

export type HandStore = StoreApi<Hand>;

export const createHand = (): HandStore =>
  createStore<Hand>(() => ({ edge: null, labelled: null, written: null, arrived: null, refusing: null, found: null }));

export const HandContext = createContext<HandStore>(createHand());

export const useHand = <Slice>(select: (hand: Hand) => Slice): Slice => useStore(use(HandContext), select);

/** How a card stands out: as what is looked for, or dimmed for as long as an edge is drawn that it cannot take. */
export type Emphasis = "found" | "dimmed" | undefined;

export const useEmphasis = (board: string): Emphasis =>
  useHand(({ refusing, found }) => {
    if (found?.has(board)) return "found";
    return refusing?.has(board) ? "dimmed" : undefined;
  });
