import { type Completion, type CompletionContext, type CompletionResult, snippetCompletion } from "@codemirror/autocomplete";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import { type EditorView, hoverTooltip, keymap, type Tooltip } from "@codemirror/view";
import type { TFunction } from "i18next";
import { type Choice, complete } from "./complete.ts";
import { formatExpression } from "./format.ts";
import { isFunctionName, signatures } from "./functions.ts";
import { jsonataLanguage } from "./language.ts";
import type { Reading } from "./remarks.ts";
import { say } from "./say.ts";
import type { Mark, Surroundings } from "./walk.ts";
import { exampleText, shapeText } from "./words.ts";

/** What the editor knows at this moment; it changes with every keystroke and sample. */
export interface Knowledge {
  surroundings: Surroundings;
  reading: Reading;
}

/** What JSONata's editor does besides showing text: completion, docs on hover, the formatter's key. */
export function assistOf(know: () => Knowledge, t: TFunction): Extension {
  // The same object at each asking: CodeMirror tells by that whether what it waits for is still wanted.
  const sources = [{ autocomplete: (context: CompletionContext) => completions(context, know(), t) }];
  return [
    jsonataLanguage,
    EditorState.languageData.of(() => sources),
    hoverTooltip((view, at) => hover(view, at, know().reading, t)),
    Prec.high(keymap.of([{ key: "Shift-Alt-f", run: format }])),
  ];
}

/** Writes the whole text in one layout, as one step of undo. */
export function format(view: EditorView): boolean {
  if (view.state.readOnly) return false;
  const text = view.state.doc.toString();
  const insert = formatExpression(text);
  if (insert !== text) view.dispatch({ changes: { from: 0, to: text.length, insert }, selection: { anchor: 0 } });
  return true;
}

const isWord = /^[\w$`]*$/;

function completions(context: CompletionContext, { surroundings }: Knowledge, t: TFunction): CompletionResult | null {
  const text = context.state.doc.toString();
  const before = text.slice(0, context.pos);
  // By itself it appears behind a point, a $ or a letter; when asked for, anywhere.
  if (!context.explicit && !/(\.|\$|[A-Za-z_`])\w*$/.test(before)) return null;
  const found = complete(text, context.pos, surroundings);
  if (!found || found.choices.length === 0) return null;
  return { from: found.from, options: found.choices.map((choice) => optionOf(choice, t)), validFor: isWord };
}

const boosts = { field: 2, variable: 1, function: 0 } as const;

function optionOf(choice: Choice, t: TFunction): Completion {
  const boost = boosts[choice.kind];
  if (choice.kind !== "function") {
    const known = choice.shape ? [shapeText(choice.shape, t), exampleText(choice.shape, t)] : [];
    const detail = known.filter(Boolean).join(", ");
    return { label: choice.insert, detail, boost };
  }
  const { name, insert } = choice;
  const parameters = signatures[name];
  const fields =
    parameters === ""
      ? ""
      : requiredOf(parameters)
          .map((one) => `\${${one}}`)
          .join(", ");
  return snippetCompletion(`${insert}(${fields})`, {
    label: insert,
    detail: `(${parameters})`,
    info: say(`functions.${name}`),
    boost,
  });
}

/** The parameters that may not be left out. */
const requiredOf = (parameters: string): string[] => parameters.split(", ").filter((one) => !/^\[|^\.\.\.$/.test(one));

/** What the name at a place is, in words. */
export function helpAt({ analysis }: Reading, at: number, t: TFunction): string[] {
  const mark = analysis?.marks.find(({ from, to }) => from <= at && at <= to);
  return mark ? helpOf(mark, t) : [];
}

function helpOf({ kind, name, shape, definition }: Mark, t: TFunction): string[] {
  if (kind === "function" && isFunctionName(name)) return [`$${name}(${signatures[name]})`, say(`functions.${name}`)];
  if (kind === "variable" && (name === "source" || name === "run")) return [`$${name}`, say(`variables.${name}`)];
  if (definition) {
    const gives = shape ? shapeText(shape, t) : "";
    return [definition.text, definition.comment, gives, exampleText(shape, t)].filter(Boolean);
  }
  // Of a parameter nobody knows more than its name.
  if (kind === "variable" && !shape) return [`$${name}`];
  const title = `${kind === "field" ? "" : "$"}${name}: ${shapeText(shape, t)}`;
  return [title, exampleText(shape, t)].filter(Boolean);
}

function hover(_view: EditorView, at: number, reading: Reading, t: TFunction): Tooltip | null {
  const mark = reading.analysis?.marks.find(({ from, to }) => from <= at && at < to);
  if (!mark) return null;
  const lines = helpOf(mark, t);
  return {
    pos: mark.from,
    end: mark.to,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-diagnostic";
      dom.append(...lines.map((line, index) => lineOf(line, index)));
      return { dom };
    },
  };
}

function lineOf(text: string, index: number): HTMLElement {
  const line = document.createElement("div");
  line.textContent = text;
  if (index === 0) line.style.cssText = "font-family: var(--ol-mono); font-weight: 600";
  return line;
}
