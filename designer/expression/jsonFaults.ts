import { jsonParseLinter } from "@codemirror/lang-json";
import type { Diagnostic } from "@codemirror/lint";
import type { EditorView } from "@codemirror/view";

const faultsOf = jsonParseLinter();

/** What keeps a text from being read; where nothing is typed yet, nothing is wrong yet. */
export const jsonFaults = (view: EditorView): Diagnostic[] => (view.state.doc.toString().trim() === "" ? [] : faultsOf(view));
