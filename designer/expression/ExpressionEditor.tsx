import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { check, jsonataLanguage } from "./jsonata.ts";

interface ExpressionEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** One or two lines, without line numbers. */
  small?: boolean;
  language?: "jsonata" | "json";
}

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--ol-dim)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--ol-source)" },
  { tag: tags.number, color: "var(--ol-control)" },
  { tag: [tags.keyword, tags.atom], color: "var(--ol-transform)" },
  { tag: [tags.variableName, tags.propertyName], color: "var(--ol-sink)" },
]);

const look = EditorView.theme({
  "&": { fontSize: "12px", backgroundColor: "transparent", color: "var(--ol-text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--ol-mono)", lineHeight: "18px" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ol-text)" },
  ".cm-cursor": { borderLeftColor: "var(--ol-text)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ol-dim)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "28px" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--ol-accent) 22%, transparent) !important",
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--ol-accent-soft)", color: "inherit" },
  ".cm-tooltip": { backgroundColor: "var(--ol-surface)", border: "1px solid var(--ol-line-strong)", borderRadius: "6px" },
  ".cm-diagnostic": { padding: "6px 10px", borderLeftColor: "var(--ol-failed)" },
});

const languages = {
  jsonata: [jsonataLanguage, linter(({ state }) => check(state.doc.toString()), { delay: 300 })],
  json: [json(), linter(jsonParseLinter(), { delay: 300 })],
};

/** A CodeMirror for JSONata or JSON: brackets, colours, and what keeps the text from being read, at its place. */
export default function ExpressionEditor({ label, value, onChange, small = false, language = "jsonata" }: ExpressionEditorProps) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const first = useRef(value);
  const tell = useRef(onChange);
  tell.current = onChange;
  const readOnly = useReadOnly();

  useEffect(() => {
    if (!holder.current) return;
    const named = new Compartment();
    const editor = new EditorView({
      parent: holder.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          small ? [] : lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          languages[language],
          syntaxHighlighting(colours),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly),
          named.of(EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" })),
          look,
          EditorView.theme({
            ".cm-scroller": { minHeight: small ? "34px" : "140px", maxHeight: small ? "120px" : "420px", overflow: "auto" },
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) tell.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label, small, language, readOnly]);

  // Undo and a colleague's version come from outside; what is typed here is already in the editor.
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={holder} />;
}
