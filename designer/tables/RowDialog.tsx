import { Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { TableColumn, TableRow, WholeTable } from "#schemas/referenceTable.ts";
import { keyText } from "#schemas/tableRows.ts";
import { changeTableRows } from "../api/commands.ts";
import { useEnvironment } from "../app/address.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { tell } from "../elements/tell.ts";
import { say } from "./say.ts";

/** One row: a field for each column. Of a row that is there the key stays. */
export function RowDialog({ table, row, onClose }: { table: WholeTable; row: TableRow | null; onClose: () => void }) {
  const { id: environment } = useEnvironment();
  const queries = useQueryClient();
  const [cells, setCells] = useState<Readonly<Record<string, string>>>(
    Object.fromEntries(Object.entries(row ?? {}).map(([name, cell]) => [name, String(cell)])),
  );
  const save = useMutation({
    mutationFn: () => changeTableRows(environment, table.name, { upsert: [cells], revision: table.revision }),
    onSuccess: () => {
      tell({ message: say("table.rowSaved") });
      void queries.invalidateQueries({ queryKey: ["tables", environment] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={row ? say("row.editTitle", { key: keyText(table, row) }) : say("row.addTitle")}
      onClose={onClose}
      action={save}
      error={save.error}
      submit={say(row ? "row.save" : "row.add")}
      disabled={table.key.some((name) => (cells[name] ?? "").trim() === "")}
      testId="save-row"
    >
      {table.columns.map((column, index) => (
        <CellField
          key={column.name}
          column={column}
          isKey={table.key.includes(column.name)}
          fixed={row !== null && table.key.includes(column.name)}
          autoFocus={index === 0}
          value={cells[column.name] ?? ""}
          onChange={(value) => setCells({ ...cells, [column.name]: value })}
        />
      ))}
    </FormDialog>
  );
}

interface CellProps {
  column: TableColumn;
  isKey: boolean;
  fixed: boolean;
  autoFocus: boolean;
  value: string;
  onChange: (value: string) => void;
}

function CellField({ column: { name, title, type, required }, isKey, fixed, autoFocus, value, onChange }: CellProps) {
  const common = {
    label: title ?? name,
    withAsterisk: isKey || required === true,
    disabled: fixed,
    description: fixed ? say("row.keyFixed") : undefined,
    "data-autofocus": autoFocus || undefined,
  };
  if (type === "boolean")
    return (
      <Select
        {...common}
        data={[
          { value: "true", label: say("row.yes") },
          { value: "false", label: say("row.no") },
        ]}
        placeholder={say("row.empty")}
        clearable={!required}
        clearButtonProps={{ "aria-label": say("row.empty") }}
        value={value === "" ? null : value}
        onChange={(next) => onChange(next ?? "")}
      />
    );
  return (
    <TextInput
      {...common}
      type={type === "date" ? "date" : "text"}
      inputMode={type === "decimal" ? "decimal" : undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
