import { setDiagnostics } from "@codemirror/lint";
import type { EditorView } from "@codemirror/view";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { assistOf, format, helpAt, type Knowledge } from "./assist.ts";
import { CodeEditor } from "./CodeEditor.tsx";
import classes from "./expression.module.css";
import { type Failure, failedAt } from "./fault.ts";
import { runVariables, useExpressionInput } from "./input.ts";
import { LiveResult } from "./LiveResult.tsx";
import { RemarkList } from "./RemarkList.tsx";
import { type Reading, type Remark, readingOf, withFix } from "./remarks.ts";
import type { Surroundings } from "./walk.ts";

interface ExpressionEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** One or two lines, without line numbers. */
  small?: boolean;
  /** As high as what it stands in, for a long text. */
  fill?: boolean;
  /** Names that are bound around the text, without their sign; the run's own are known. */
  variables?: readonly string[];
  /** False where the text is a part of an expression, whose result is shown elsewhere. */
  result?: boolean;
  /** False where a line more while it has the focus would push away what a pointer is after. */
  foot?: boolean;
}

const nothing: readonly unknown[] = [];

/** An editor for JSONata that knows the samples: completion, docs, remarks with fixes, a formatter, and the result beside it. */
export default function ExpressionEditor(props: ExpressionEditorProps) {
  const { label, value, onChange, small = false, fill = false, variables = runVariables, result = true, foot = true } = props;
  const { t } = useTranslation();
  const readOnly = useReadOnly();
  const input = useExpressionInput();
  const samples = input?.samples ?? nothing;
  const surroundings = useMemo<Surroundings>(() => ({ samples, variables }), [samples, variables]);
  // The text appears at once; what is said of it may come a moment later.
  const text = useDeferredValue(value);
  const reading = useMemo(() => readingOf(text, surroundings), [text, surroundings]);
  const knowledge = useRef<Knowledge>({ surroundings, reading });
  knowledge.current = { surroundings, reading };
  const language = useMemo(() => assistOf(() => knowledge.current, t), [t]);
  const view = useRef<EditorView>(null);
  const help = useHelp(view, reading) || (readOnly ? "" : t("expression.complete"));
  const [failure, setFailure] = useState<Failure>();
  const failed = useMemo(() => (failure?.text === text ? failedAt(failure) : undefined), [failure, text]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() === text)
      editor.dispatch(setDiagnostics(editor.state, marksOf([...reading.remarks, ...(failed ? [failed] : [])], text.length)));
  }, [reading, failed, text]);

  return (
    <div className={classes.frame} data-small={small || undefined} data-fill={fill || undefined}>
      <div className={classes.text}>
        <CodeEditor label={label} value={value} onChange={onChange} small={small} fill={fill} language={language} view={view} />
        {foot && (
          <div className={classes.foot}>
            <span className="ol-clip" title={help}>
              {help}
            </span>
            {!readOnly && (
              <button
                type="button"
                className={classes.tool}
                aria-keyshortcuts={t("expression.formatKeys")}
                title={t("expression.formatKeys")}
                onClick={() => view.current && format(view.current)}
                disabled={reading.analysis === undefined}
              >
                {t("expression.format")}
              </button>
            )}
          </div>
        )}
        <RemarkList
          remarks={reading.remarks}
          onFix={readOnly ? undefined : (fix) => onChange(withFix(value, fix))}
          onPlace={(from) => goTo(view.current, from)}
        />
      </div>
      {result && input && value.trim() !== "" && reading.analysis && (
        <LiveResult
          text={text}
          input={input}
          height={small ? "small" : fill ? "fill" : "usual"}
          onFailure={setFailure}
          onPlace={failed && (() => goTo(view.current, failed.from))}
        />
      )}
    </div>
  );
}

function goTo(view: EditorView | null, from: number): void {
  view?.dispatch({ selection: { anchor: from }, scrollIntoView: true });
  view?.focus();
}

/** Remarks as the editor marks them; a change of the text since then must not lead out of it. */
const marksOf = (remarks: readonly Remark[], length: number) =>
  remarks.map(({ from, to, severity, text }) => ({
    from: Math.min(from, length),
    to: Math.min(to, length),
    severity,
    message: text,
  }));

/** What stands at the cursor, in words: the same as on hover, for those who use no pointer. */
function useHelp(view: { current: EditorView | null }, reading: Reading): string {
  const { t } = useTranslation();
  const [at, setAt] = useState(0);
  useEffect(() => {
    const follow = () => {
      const editor = view.current;
      if (editor?.hasFocus) setAt(editor.state.selection.main.head);
    };
    document.addEventListener("selectionchange", follow);
    return () => document.removeEventListener("selectionchange", follow);
  }, [view]);
  const help = helpAt(reading, at, t);
  return help.join(" · ");
}
