import { ActionIcon, Button, Checkbox, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import {
  COLUMN_NAME,
  type ColumnType,
  columnTypes,
  TABLE_NAME,
  type TableColumn,
  type WholeTable,
} from "#schemas/referenceTable.ts";
import { putTable } from "../api/commands.ts";
import { useEnvironment } from "../app/address.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { tell } from "../elements/tell.ts";
import { say } from "./say.ts";
import classes from "./tables.module.css";

interface FormProps {
  /** Null makes a new one. */
  table: WholeTable | null;
  onDone?: (name: string) => void;
  onClose: () => void;
}

interface DraftColumn extends TableColumn {
  id: number;
  isKey: boolean;
}

const first: readonly DraftColumn[] = [
  { id: 0, name: "", type: "text", isKey: true },
  { id: 1, name: "", type: "text", isKey: false },
];

const draftOf = ({ columns, key }: WholeTable): DraftColumn[] =>
  columns.map((column, id) => ({ ...column, id, isKey: key.includes(column.name) }));

/** What a table is called, and its columns. */
export function FormOfTable({ table, onDone, onClose }: FormProps) {
  const { id: environment, title: place } = useEnvironment();
  const queries = useQueryClient();
  const [name, setName] = useState(table?.name ?? "");
  const [title, setTitle] = useState(table?.title ?? "");
  const [columns, setColumns] = useState<readonly DraftColumn[]>(table ? draftOf(table) : first);
  const change = (id: number, part: Partial<DraftColumn>) =>
    setColumns(columns.map((column) => (column.id === id ? { ...column, ...part } : column)));
  const isWhole =
    new RegExp(TABLE_NAME).test(name) &&
    columns.length > 0 &&
    columns.some(({ isKey }) => isKey) &&
    columns.every((column) => new RegExp(COLUMN_NAME).test(column.name));
  const save = useMutation({
    mutationFn: () =>
      putTable(environment, name, {
        title,
        columns: columns.map(({ id: _id, isKey: _isKey, ...column }) => column),
        key: columns.filter(({ isKey }) => isKey).map((column) => column.name),
        rows: table?.rows ?? [],
        revision: table?.revision ?? null,
      }),
    onSuccess: () => {
      tell({ message: say("table.saved", { name }) });
      void queries.invalidateQueries({ queryKey: ["tables", environment] });
      onClose();
      onDone?.(name);
    },
  });
  return (
    <FormDialog
      title={table ? say("form.editTitle", { name }) : say("form.createTitle", { environment: place })}
      size="lg"
      onClose={onClose}
      action={save}
      error={save.error}
      submit={say(table ? "form.save" : "form.create")}
      disabled={!isWhole}
      testId="save-table"
    >
      {!table && (
        <TextInput
          label={say("form.name")}
          description={say("form.nameHint")}
          withAsterisk
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <TextInput label={say("form.title")} value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
      <fieldset className={classes.columns}>
        <legend>{say("form.columns")}</legend>
        <p className="ol-dim ol-small">{say("form.keyHint")}</p>
        {columns.map((column, index) => (
          <ColumnFields
            key={column.id}
            column={column}
            number={index + 1}
            onChange={(part) => change(column.id, part)}
            onRemove={() => setColumns(columns.filter(({ id }) => id !== column.id))}
          />
        ))}
        <Button
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          style={{ alignSelf: "flex-start" }}
          onClick={() =>
            setColumns([
              ...columns,
              { id: 1 + Math.max(-1, ...columns.map(({ id }) => id)), name: "", type: "text", isKey: false },
            ])
          }
        >
          {say("form.addColumn")}
        </Button>
      </fieldset>
    </FormDialog>
  );
}

interface ColumnProps {
  column: DraftColumn;
  number: number;
  onChange: (part: Partial<DraftColumn>) => void;
  onRemove: () => void;
}

function ColumnFields({ column, number, onChange, onRemove }: ColumnProps) {
  return (
    <div className={classes.column}>
      <TextInput
        style={{ flex: 1 }}
        aria-label={say("form.column", { number })}
        value={column.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Select
        w={160}
        aria-label={say("form.type", { number })}
        data={columnTypes.map((value) => ({ value, label: say(`form.${value}`) }))}
        value={column.type}
        allowDeselect={false}
        onChange={(type) => type && onChange({ type: type as ColumnType })}
      />
      <Checkbox
        label={say("form.keyShort")}
        aria-label={say("form.isKey", { number })}
        checked={column.isKey}
        onChange={(event) => onChange({ isKey: event.currentTarget.checked })}
      />
      <ActionIcon aria-label={say("form.remove", { number })} onClick={onRemove}>
        <X size={14} />
      </ActionIcon>
    </div>
  );
}
