import type { Diagnostic } from "@codemirror/lint";
import type { EditorView } from "@codemirror/view";
import { JsonError, parseJson } from "#schemas/json.ts";

/** What keeps a text from being read, at its place; where nothing is typed yet, nothing is wrong yet. */
export function jsonFaults({ state: { doc } }: EditorView): Diagnostic[] {
  const text = doc.toString();
  if (text.trim() === "") return [];
  try {
    parseJson(text);
    return [];
  } catch (raw) {
    if (!(raw instanceof JsonError)) throw raw;
    // A fault at the end is marked on what stands last.
    const from = Math.min(raw.position ?? 0, text.trimEnd().length - 1);
    return [{ from, to: from + 1, severity: "error", message: raw.message }];
  }
}
