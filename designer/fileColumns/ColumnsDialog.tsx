import { useMemo, useState } from "react";
import { FormDialog } from "../elements/FormDialog.tsx";
import { ColumnTable } from "./ColumnTable.tsx";
import { detect } from "./detect.ts";
import { FirstRows } from "./FirstRows.tsx";
import classes from "./fileColumns.module.css";
import { changeOf, type FileForm, formOf, isWhole, rowsOf, taken } from "./form.ts";
import { SampleField } from "./SampleField.tsx";
import { say } from "./say.ts";
import { WrittenFields } from "./WrittenFields.tsx";

type Json = Readonly<Record<string, unknown>>;

interface ColumnsDialogProps {
  /** How the setting is called that holds the columns. */
  name: string;
  columns: unknown;
  config: Json;
  settings: Json;
  /** All that was changed, at once. */
  onTake: (change: Json) => void;
  onClose: () => void;
}

/** How a file is written and what its columns hold, found by a sample of it or said by hand, and what comes of it. */
export function ColumnsDialog({ name, columns, config, settings, onTake, onClose }: ColumnsDialogProps) {
  const [form, setForm] = useState<FileForm>(() => formOf(config, settings, columns));
  const [sample, setSample] = useState("");
  /** Columns that stood here before, or were changed by hand: a sample replaces them only where that is asked for. */
  const [isOwn, setOwn] = useState(form.columns.length > 0);
  const rows = useMemo(() => (sample.trim() === "" ? null : rowsOf(sample, form)), [sample, form]);
  const change = (part: Partial<FileForm>) => setForm({ ...form, ...part });
  const take = (text: string, part: Partial<FileForm> = {}): number => {
    const found = detect(text);
    setForm({ ...form, ...part, ...(found ? taken(found, form, settings) : { columns: isOwn ? form.columns : [] }) });
    return found?.columns.length ?? 0;
  };
  const put = (text: string, charset?: string): number => {
    setSample(text);
    const read = charset === undefined || form.charset === undefined ? {} : { charset };
    if (!isOwn) return take(text, read);
    change(read);
    return 0;
  };
  return (
    <FormDialog
      title={say("dialog.title")}
      size={880}
      onClose={onClose}
      action={{
        isPending: false,
        mutate: () => {
          onTake(changeOf(form, config, settings, name));
          onClose();
        },
      }}
      submit={say("dialog.take")}
      disabled={!isWhole(form)}
      testId="take-columns"
    >
      <SampleField sample={sample} isOwn={isOwn} onSample={put} onTake={() => take(sample)} />
      <WrittenFields form={form} settings={settings} onChange={change} />
      <section className={classes.part}>
        <h3>{say("columns.title")}</h3>
        <ColumnTable
          columns={form.columns}
          onChange={(next) => {
            setOwn(true);
            change({ columns: next });
          }}
        />
      </section>
      <section className={classes.part}>
        <h3>{say("preview.title")}</h3>
        <FirstRows rows={rows} columns={form.columns} />
      </section>
    </FormDialog>
  );
}
