import { ActionIcon, Button, Checkbox, Select, Table, TextInput } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { type ColumnFault, columnFaults, type FileColumn, fileColumnTypes, formatsOf } from "#schemas/fileColumns.ts";
import { moved, type Row, rowOf, rowsFor } from "../inspector/rows.ts";
import classes from "./fileColumns.module.css";
import { say } from "./say.ts";

interface ColumnTableProps {
  columns: readonly FileColumn[];
  onChange: (columns: FileColumn[]) => void;
}

/** The columns of a file, each a row: changed where they stand, moved by buttons or with Alt and the arrows. */
export function ColumnTable({ columns, onChange }: ColumnTableProps) {
  const kept = useRef<Row<FileColumn>[]>([]);
  kept.current = rowsFor(columns, kept.current);
  const rows = kept.current;
  const box = useRef<HTMLDivElement>(null);
  const faults = columnFaults(columns);
  const put = (next: readonly Row<FileColumn>[]) => {
    kept.current = [...next];
    onChange(next.map((row) => row.value));
  };
  /** The row has changed its place in the page, or is a new one: what is to have the focus in it gets it. */
  const focus = (row: Row<FileColumn> | undefined, what: string) =>
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-row="${row?.id}"] ${what}`)?.focus());
  const move = (at: number, by: -1 | 1, what: string) => {
    put(moved(rows, at, by));
    focus(rows[at], what);
  };
  const onKey = (event: KeyboardEvent<HTMLElement>, at: number) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    move(at, event.key === "ArrowUp" ? -1 : 1, "input");
  };
  const remove = (at: number) => {
    put(rows.filter((_, other) => other !== at));
    if (rows.length > 1) focus(rows[at + 1] ?? rows[at - 1], "input");
  };
  const add = () => {
    const row = rowOf<FileColumn>({ name: "", type: "text" });
    put([...rows, row]);
    focus(row, "input");
  };
  return (
    <div ref={box} className={classes.columns}>
      {rows.length === 0 ? (
        <p className="ol-dim ol-small">{say("columns.none")}</p>
      ) : (
        <div className={classes.scroll}>
          <Table className={classes.table} verticalSpacing={4} horizontalSpacing={4} highlightOnHover={false}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("columns.name")}</Table.Th>
                <Table.Th>{say("columns.type")}</Table.Th>
                <Table.Th>{say("columns.format")}</Table.Th>
                <Table.Th>{say("columns.required")}</Table.Th>
                <Table.Th>{say("columns.order")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row, at) => (
                <ColumnRow
                  key={row.id}
                  row={row}
                  at={at}
                  isLast={at === rows.length - 1}
                  fault={faults.find((one) => one.at === at && one.setting === "name")}
                  onChange={(value) => put(rows.map((other) => (other === row ? { ...row, value } : other)))}
                  onMove={(by) => move(at, by, `[data-move="${by}"]`)}
                  onRemove={() => remove(at)}
                  onKey={(event) => onKey(event, at)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <Button
        variant="default"
        leftSection={<Plus size={14} aria-hidden />}
        style={{ alignSelf: "flex-start" }}
        onClick={add}
        data-testid="add-column"
      >
        {say("columns.add")}
      </Button>
    </div>
  );
}

interface ColumnRowProps {
  row: Row<FileColumn>;
  at: number;
  isLast: boolean;
  fault: ColumnFault | undefined;
  onChange: (column: FileColumn) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
  onKey: (event: KeyboardEvent<HTMLElement>) => void;
}

function ColumnRow({ row, at, isLast, fault, onChange, onMove, onRemove, onKey }: ColumnRowProps) {
  const { required, format, ...column } = row.value;
  const name = column.name.trim() || say("columns.column", { number: at + 1 });
  const formats = formatsOf(column.type);
  const nameFault =
    column.name.trim() === ""
      ? say("columns.noName")
      : fault && say(fault.code === "columnTwice" ? "columns.twice" : "columns.forbidden");
  const isRequired = required === true ? { required } : {};
  return (
    <Table.Tr data-row={row.id} onKeyDown={onKey}>
      <Table.Td>
        <TextInput
          aria-label={say("columns.nameOf", { number: at + 1 })}
          value={column.name}
          error={nameFault}
          onChange={(event) => onChange({ ...row.value, name: event.currentTarget.value })}
        />
      </Table.Td>
      <Table.Td>
        <Select
          aria-label={say("columns.typeOf", { name })}
          data={fileColumnTypes.map((value) => ({ value, label: say(`type.${value}`) }))}
          value={column.type}
          allowDeselect={false}
          onChange={(type) => {
            const chosen = fileColumnTypes.find((one) => one === type);
            // How another type is written means nothing to this one.
            if (chosen && chosen !== column.type) onChange({ ...column, type: chosen, ...isRequired });
          }}
        />
      </Table.Td>
      <Table.Td>
        {formats.length === 0 ? (
          <span className="ol-dim ol-small">{say("columns.asIs")}</span>
        ) : (
          <Select
            aria-label={say("columns.formatOf", { name })}
            data={[...formats]}
            value={format ?? formats[0] ?? null}
            allowDeselect={false}
            onChange={(next) =>
              onChange({ ...column, ...isRequired, ...(next === null || next === formats[0] ? {} : { format: next }) })
            }
          />
        )}
      </Table.Td>
      <Table.Td>
        <Checkbox
          aria-label={say("columns.requiredOf", { name })}
          checked={required === true}
          onChange={(event) =>
            onChange({
              ...column,
              ...(format === undefined ? {} : { format }),
              ...(event.currentTarget.checked ? { required: true } : {}),
            })
          }
        />
      </Table.Td>
      <Table.Td>
        <div className={classes.order}>
          <ActionIcon data-move={-1} aria-label={say("columns.up", { name })} disabled={at === 0} onClick={() => onMove(-1)}>
            <ArrowUp size={14} />
          </ActionIcon>
          <ActionIcon data-move={1} aria-label={say("columns.down", { name })} disabled={isLast} onClick={() => onMove(1)}>
            <ArrowDown size={14} />
          </ActionIcon>
          <ActionIcon aria-label={say("columns.remove", { name })} onClick={onRemove}>
            <X size={14} />
          </ActionIcon>
        </div>
      </Table.Td>
    </Table.Tr>
  );
}
