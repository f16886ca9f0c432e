import { Button, Input } from "@mantine/core";
import { Columns3 } from "lucide-react";
import { useState } from "react";
import { pointerOf } from "#schemas/pointer.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { type FieldProps, problemsAt } from "../inspector/fields.ts";
import { ProblemTexts } from "../inspector/ProblemText.tsx";
import { ColumnsDialog } from "./ColumnsDialog.tsx";
import classes from "./fileColumns.module.css";
import { columnsOf } from "./form.ts";
import { say } from "./say.ts";

/** Columns shown in the form; all of them are in the dialog, which only edits. */
const SHOWN = 12;

/** The columns of a file in short, and the way to where they are described. */
export default function ColumnsField({ field, value, beside, settings, problems, place, onBeside }: FieldProps) {
  const [open, setOpen] = useState(false);
  const readOnly = useReadOnly();
  const columns = columnsOf(value);
  const own = problemsAt(problems, place);
  const shown = readOnly ? columns : columns.slice(0, SHOWN);
  const below = shown.map((_, at) => place + pointerOf(at));
  const isShown = ({ pointer }: { pointer: string }) => below.some((one) => pointer.startsWith(`${one}/`) || pointer === one);
  return (
    <Input.Wrapper label={field.title} description={field.description} withAsterisk={field.required} labelElement="div">
      <div className={classes.field} data-testid={`config-${field.name}`}>
        {columns.length === 0 ? (
          <p className="ol-dim ol-small">{say(field.schema["x-fills"] === undefined ? "field.none" : "field.noneWritten")}</p>
        ) : (
          <ol className={classes.list} aria-label={field.title}>
            {shown.map((column, at) => (
              <li key={below[at]}>
                <div className={classes.brief}>
                  <span className="ol-mono">{column.name}</span>
                  <span className="ol-dim">
                    {say(`type.${column.type}`)}
                    {column.format === undefined ? "" : `, ${column.format}`}
                    {column.required ? `, ${say("field.required")}` : ""}
                  </span>
                </div>
                <ProblemTexts problems={problemsAt(own, below[at] ?? "")} />
              </li>
            ))}
            {columns.length > shown.length && (
              <li className="ol-dim">{say("field.more", { count: columns.length - shown.length })}</li>
            )}
          </ol>
        )}
        <ProblemTexts problems={own.filter((problem) => !isShown(problem))} />
        {!readOnly && (
          <Button
            variant="default"
            leftSection={<Columns3 size={14} aria-hidden />}
            style={{ alignSelf: "flex-start" }}
            onClick={() => setOpen(true)}
          >
            {say(columns.length === 0 ? "field.describe" : "field.edit")}
          </Button>
        )}
      </div>
      {open && (
        <ColumnsDialog
          name={field.name}
          columns={value}
          config={beside}
          settings={settings}
          onTake={onBeside}
          onClose={() => setOpen(false)}
        />
      )}
    </Input.Wrapper>
  );
}
