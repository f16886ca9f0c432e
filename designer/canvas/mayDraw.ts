import { use } from "react";
import { useMaySomewhere } from "../app/session.ts";
import { DraftContext } from "./draft.ts";

/** Whether the person here may draw on what the canvas shows. Nobody draws on a version. */
export function useMayDraw(): boolean {
  const may = useMaySomewhere("design");
  const draft = use(DraftContext);
  return may && !draft?.getState().fixed;
}
