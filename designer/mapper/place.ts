import { createContext, use } from "react";
import type { FlowNode } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";

/** The node whose config is a mapping. */
export interface MappingPlace {
  node: FlowNode;
  catalogue: Catalogue;
}

/** Absent where an expression maps no fields: it is then edited as text alone. */
export const MappingPlaceContext = createContext<MappingPlace | null>(null);

export const useMappingPlace = (): MappingPlace | null => use(MappingPlaceContext);
