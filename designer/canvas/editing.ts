import { createContext, use } from "react";
import type { FlowEdge, FlowNode } from "#schemas/flow.ts";
import type { Spot } from "./adding.ts";
import type { Position } from "./layoutOperations.ts";
import type { Operation } from "./operations.ts";

export type Link = Pick<FlowEdge, "from" | "to">;
export interface Point {
  clientX: number;
  clientY: number;
}

/** What a canvas that may be changed does with the hand's doing. */
export interface Editing {
  dispatch: (operation: Operation) => void;
  /** Of everything on the board by its id there, in one step. `copies`: the originals stay, and copies stand there. */
  onMove: (to: Record<string, Position>, copies: boolean) => void;
  onLink: (link: Link, edge?: string) => void;
  mayLink: (link: Link, edge: string | null) => boolean;
  /** The nodes that cannot take an edge out of this node, or into it. */
  refusing: (node: FlowNode["id"], side: "out" | "in", edge: string | null) => ReadonlySet<string>;
  /** An edge was let go over a port that does not take it; null when both ports are inputs, or both outputs. */
  onRefused: (link: Link | null, edge: string | null) => void;
  /** A node type was dropped; onto an edge where it hovered over one. */
  onDrop: (type: string, at: Point, edge: string | null) => void;
  /** True when a node of this type can stand on an edge. */
  fitsOnEdge: (type: string) => boolean;
  /** Asks which node is to be added there. */
  onQuickAdd: (spot: Spot, at: Point) => void;
}

/** Absent on a canvas that only shows. */
export const EditingContext = createContext<Editing | undefined>(undefined);
export const useEditingHere = (): Editing | undefined => use(EditingContext);
