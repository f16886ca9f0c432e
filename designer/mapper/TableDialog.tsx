import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { FormDialog } from "../elements/FormDialog.tsx";
import { keyOf, pathText } from "./path.ts";
import { say } from "./say.ts";
import type { SourceField } from "./source.ts";
import classes from "./TableDialog.module.css";
import type { TargetField } from "./target.ts";
import { type TableRow, tableOf, tableText } from "./transforms.ts";
import type { Mapper } from "./useMapper.ts";

interface TableDialogProps {
  mapper: Mapper;
  field: TargetField;
  text: string;
  onText: (text: string) => void;
  onClose: () => void;
}

interface Line extends TableRow {
  id: number;
}

/** Which value of the source becomes which value of the target; it begins with the values that the samples have. */
export function TableDialog({ mapper, field, text, onText, onClose }: TableDialogProps) {
  const known = tableOf(text);
  const source = sourceOfField(mapper, field);
  const [lines, setLines] = useState<Line[]>(() => numbered(known?.rows ?? linesFor(source, field)));
  const [otherwise, setOtherwise] = useState(known?.otherwise ?? "");
  const key = known?.key ?? keyText(text, source);
  const twice = lines.find(({ from, id }) => lines.some((other) => other.id < id && other.from === from));
  const change = (id: number, part: Partial<TableRow>) =>
    setLines(lines.map((line) => (line.id === id ? { ...line, ...part } : line)));
  const save = () => {
    const rows = lines.filter(({ from }) => from !== "").map(({ from, to }) => ({ from, to }));
    onClose();
    onText(tableText({ rows, key, otherwise: otherwise === "" ? null : otherwise }));
  };
  return (
    <FormDialog
      title={say("table.title", { name: pathText(field.path) })}
      onClose={onClose}
      action={{ isPending: false, mutate: save }}
      submit={say("table.save")}
      disabled={twice !== undefined}
    >
      <p className="ol-dim ol-mono ol-clip" style={{ margin: 0 }}>
        {say("table.key", { key })}
      </p>
      <table className={classes.lookup}>
        <thead>
          <tr>
            <th>{say("table.from")}</th>
            <th>{say("table.to")}</th>
            <th aria-hidden />
          </tr>
        </thead>
        <tbody>
          {lines.map(({ id, from, to }) => (
            <tr key={id}>
              <td>
                <TextInput
                  aria-label={say("table.from")}
                  value={from}
                  error={twice?.id === id ? say("table.double", { from }) : undefined}
                  onChange={(event) => change(id, { from: event.currentTarget.value })}
                />
              </td>
              <td>
                <TargetValue field={field} label={say("table.to")} value={to} onChange={(next) => change(id, { to: next })} />
              </td>
              <td>
                <ActionIcon
                  aria-label={say("table.remove", { from })}
                  onClick={() => setLines(lines.filter((line) => line.id !== id))}
                >
                  <X size={14} />
                </ActionIcon>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Button
        variant="default"
        leftSection={<Plus size={14} aria-hidden />}
        style={{ alignSelf: "flex-start" }}
        onClick={() => setLines([...lines, { id: 1 + Math.max(0, ...lines.map((line) => line.id)), from: "", to: "" }])}
      >
        {say("table.add")}
      </Button>
      <TargetValue
        field={field}
        label={say("table.otherwise")}
        hint={say("table.otherwiseHint")}
        value={otherwise}
        onChange={setOtherwise}
        shown
      />
    </FormDialog>
  );
}

interface TargetValueProps {
  field: TargetField;
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  /** Whether the label is shown, not only heard. */
  shown?: boolean;
}

/** A value that the target may have: one of its fixed ones where it has such. */
function TargetValue({ field, label, hint, value, onChange, shown = false }: TargetValueProps) {
  const labels = shown ? { label, description: hint } : { "aria-label": label };
  if (field.choices.length === 0)
    return <TextInput {...labels} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
  return (
    <Select
      {...labels}
      data={[...field.choices]}
      value={value || null}
      onChange={(choice) => onChange(choice ?? "")}
      clearable={shown}
    />
  );
}

const numbered = (rows: readonly TableRow[]): Line[] => rows.map((row, id) => ({ ...row, id }));

/** The one source field that a target's expression reads. */
function sourceOfField({ model }: Mapper, { key }: TargetField): SourceField | undefined {
  const [only, more] = model.reads.get(key) ?? [];
  return only && !more ? model.fields.get(keyOf(only)) : undefined;
}

/** The values of the samples, each with the value of the target that is called the same. */
function linesFor(source: SourceField | undefined, { choices }: TargetField): TableRow[] {
  return (source?.examples ?? []).map((example) => {
    const from = String(example);
    return { from, to: choices.find((choice) => choice.toLowerCase() === from.toLowerCase()) ?? "" };
  });
}

/** Only a text can be looked up. */
const keyText = (text: string, source: SourceField | undefined): string => {
  const isText = source !== undefined && source.kinds.size === 1 && source.kinds.has("text");
  return isText || text.startsWith("$string(") ? text : `$string(${text})`;
};
