import { tell } from "../elements/tell.ts";
import { sayBeside } from "./sayBeside.ts";

/** Tells whom a link has brought here that what it leads to is not in the draft any more. */
export const tellGone = (id: string): void => tell({ color: "yellow", message: sayBeside("gone.text", { id }) });
