import { sayer } from "../i18n/bundle.ts";
import { besideCanvasTexts } from "../i18n/en/besideCanvas.ts";

/** A sentence of what stands beside the canvas now and then. */
export const sayBeside = sayer("besideCanvas", besideCanvasTexts);
