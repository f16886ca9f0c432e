import { json } from "@codemirror/lang-json";
import { linter } from "@codemirror/lint";
import { CodeEditor } from "./CodeEditor.tsx";
import { jsonFaults } from "./jsonFaults.ts";

interface JsonEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

const language = [json(), linter(jsonFaults, { delay: 300 })];

/** A CodeMirror for JSON: what keeps the text from being read is shown at its place. */
export default function JsonEditor(props: JsonEditorProps) {
  return <CodeEditor {...props} language={language} />;
}
