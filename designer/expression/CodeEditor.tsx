import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers, tooltips } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type RefObject, useEffect, useRef } from "react";
import { styleNonce } from "../app/styleNonce.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import classes from "./expression.module.css";
import { fromOutside } from "./outside.ts";

interface CodeEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** One or two lines, without line numbers. */
  small?: boolean;
  /** As high as what it stands in. */
  fill?: boolean;
  /** The language and what knows it. Must stay the same object: another one makes another editor. */
  language: Extension;
  view?: RefObject<EditorView | null>;
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
});

/** Tooltips hang on the page's body, so that no panel cuts them off; nor may they cut off the docs that stand beside a list. */
const floating = EditorView.theme({
  ".cm-tooltip": {
    zIndex: "400",
    maxWidth: "380px",
    backgroundColor: "var(--ol-surface)",
    color: "var(--ol-text)",
    border: "1px solid var(--ol-line-strong)",
    borderRadius: "6px",
    boxShadow: "var(--ol-shadow)",
    fontFamily: "inherit",
    fontSize: "12px",
    lineHeight: "16px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--ol-mono)", fontSize: "12px", maxHeight: "216px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px", lineHeight: "18px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--ol-accent-soft)",
    color: "var(--ol-text)",
  },
  ".cm-completionDetail": { marginLeft: "12px", color: "var(--ol-dim)", fontStyle: "normal" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "8px 10px", maxWidth: "300px" },
  ".cm-diagnostic": { padding: "6px 10px", fontFamily: "inherit" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--ol-failed)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--ol-waiting)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--ol-line-strong)" },
  ".cm-diagnosticAction": { backgroundColor: "var(--ol-accent)", color: "var(--ol-surface)", borderRadius: "4px" },
});

/** Tab takes what the list of completions offers; without a list it leads out of the editor, as everywhere. */
const takeByTab = { key: "Tab", run: acceptCompletion };

const heights = {
  small: { minHeight: "34px", maxHeight: "120px" },
  usual: { minHeight: "140px", maxHeight: "420px" },
  fill: { height: "100%" },
} as const;

/** A CodeMirror: brackets, colours, undo, and whatever the language brings. */
export function CodeEditor({ label, value, onChange, small = false, fill = false, language, view: given }: CodeEditorProps) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const first = useRef(value);
  const tell = useRef(onChange);
  tell.current = onChange;
  const readOnly = useReadOnly();

  useEffect(() => {
    if (!holder.current) return;
    const editor = new EditorView({
      parent: holder.current,
      state: EditorState.create({
        doc: view.current?.state.doc ?? first.current,
        extensions: [
          small ? [] : lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          language,
          syntaxHighlighting(colours),
          keymap.of([takeByTab, ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap]),
          readOnly ? [] : autocompletion({ icons: false }),
          tooltips({ parent: document.body }),
          EditorView.lineWrapping,
          EditorView.cspNonce.of(styleNonce),
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          look,
          floating,
          EditorView.theme({
            "&": fill ? { height: "100%" } : {},
            ".cm-scroller": { ...heights[small ? "small" : fill ? "fill" : "usual"], overflow: "auto" },
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) tell.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    if (given) given.current = editor;
    return () => editor.destroy();
  }, [label, small, fill, language, given, readOnly]);

  // Undo and a colleague's version come from outside; what is typed here is already in the editor.
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch(fromOutside(editor.state, value));
  }, [value]);

  return <div ref={holder} className={fill ? classes.filled : undefined} />;
}
