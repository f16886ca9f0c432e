import { ActionIcon, Button, Table } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, Columns3, Download, Pencil, Plus, SearchX, Table2, Trash2, Upload } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { TableRow, WholeTable } from "#schemas/referenceTable.ts";
import { keyText } from "#schemas/tableRows.ts";
import { changeTableRows, removeTable } from "../api/commands.ts";
import { tableQuery } from "../api/queries.ts";
import { address, useEnvironment, useParam } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { useMay } from "../app/session.ts";
import { Empty } from "../elements/Empty.tsx";
import { FormDialog } from "../elements/FormDialog.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { ListPanel, Page, Tools } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { SearchBox } from "../elements/SearchBox.tsx";
import { failed, tell } from "../elements/tell.ts";
import { useFilter } from "../elements/useFilter.ts";
import { FormOfTable } from "./FormOfTable.tsx";
import { ImportRowsDialog } from "./ImportRowsDialog.tsx";
import { RowDialog } from "./RowDialog.tsx";
import { say } from "./say.ts";
import classes from "./tables.module.css";

/** Rows that stand in the page at once; thousands would make each key stroke slow. */
const PAGE = 100;

type Open = { dialog: "form" | "import" | "remove" } | { dialog: "row"; row: TableRow | null } | null;

/** One reference table with its rows: found, added, changed, and taken in from a file or a spreadsheet. */
export function TablePage() {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const name = useParam("table");
  const table = useQuery(tableQuery(environment, name));
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title={name}
      within={{ title: t("nav.tables"), to: address.tables(environment) }}
      actions={table.data && <Actions table={table.data} onOpen={setOpen} />}
    >
      <Loaded query={table} skeleton={<RowsSkeleton />}>
        {(found) => (
          <>
            <FoundRows table={found} onEdit={(row) => setOpen({ dialog: "row", row })} />
            {open?.dialog === "remove" && <RemoveDialog table={found} onClose={close} />}
            {open?.dialog === "form" && <FormOfTable table={found} onClose={close} />}
            {open?.dialog === "import" && <ImportRowsDialog table={found} onClose={close} />}
            {open?.dialog === "row" && <RowDialog table={found} row={open.row} onClose={close} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Actions({ table, onOpen }: { table: WholeTable; onOpen: (open: Open) => void }) {
  const { id: environment } = useEnvironment();
  const { name } = table;
  const may = { permission: "operate" as const, environment, variant: "default" };
  return (
    <>
      <RoleButton {...may} leftSection={<Trash2 size={14} aria-hidden />} onClick={() => onOpen({ dialog: "remove" })}>
        {say("table.remove")}
      </RoleButton>
      <RoleButton {...may} leftSection={<Columns3 size={14} aria-hidden />} onClick={() => onOpen({ dialog: "form" })}>
        {say("table.form")}
      </RoleButton>
      <Button
        component="a"
        href={`/api/v1/environments/${environment}/tables/${name}/csv`}
        download={`${name}.csv`}
        variant="default"
        leftSection={<Download size={14} aria-hidden />}
      >
        {say("table.export")}
      </Button>
      <RoleButton
        {...may}
        leftSection={<Upload size={14} aria-hidden />}
        onClick={() => onOpen({ dialog: "import" })}
        data-testid="import-rows"
      >
        {say("table.import")}
      </RoleButton>
      <RoleButton
        permission="operate"
        environment={environment}
        leftSection={<Plus size={14} aria-hidden />}
        onClick={() => onOpen({ dialog: "row", row: null })}
        data-testid="add-row"
      >
        {say("table.add")}
      </RoleButton>
    </>
  );
}

function RemoveDialog({ table, onClose }: { table: WholeTable; onClose: () => void }) {
  const { id: environment } = useEnvironment();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { name } = table;
  const remove = useMutation({
    mutationFn: () => removeTable(environment, name),
    onSuccess: async () => {
      tell({ message: say("table.removed", { name }) });
      await navigate(address.tables(environment));
      await queries.invalidateQueries({ queryKey: ["tables", environment] });
    },
  });
  return (
    <FormDialog
      title={say("table.removeTitle", { name })}
      onClose={onClose}
      action={remove}
      error={remove.error}
      submit={say("table.remove")}
    >
      <p style={{ margin: 0 }}>{say("table.removeText", { count: table.rows.length })}</p>
    </FormDialog>
  );
}

function FoundRows({ table, onEdit }: { table: WholeTable; onEdit: (row: TableRow) => void }) {
  const filter = useFilter();
  const [at, setAt] = useState(0);
  const q = (filter.get("q") ?? "").toLowerCase();
  const found =
    q === "" ? table.rows : table.rows.filter((row) => Object.values(row).some((cell) => String(cell).toLowerCase().includes(q)));
  const from = at < found.length ? at : 0;
  const shown = found.slice(from, from + PAGE);
  return (
    <>
      <Tools>
        <SearchBox
          label={say("table.search")}
          value={filter.get("q") ?? ""}
          onChange={(text) => {
            filter.set("q", text);
            setAt(0);
          }}
        />
        {found.length > 0 && (
          <div className={`${classes.place} ol-dim`}>
            {say("table.shown", { from: from + 1, to: from + shown.length, count: found.length })}
            <ActionIcon aria-label={say("table.before")} disabled={from === 0} onClick={() => setAt(from - PAGE)}>
              <ChevronLeft size={14} />
            </ActionIcon>
            <ActionIcon aria-label={say("table.after")} disabled={from + PAGE >= found.length} onClick={() => setAt(from + PAGE)}>
              <ChevronRight size={14} />
            </ActionIcon>
          </div>
        )}
      </Tools>
      {table.rows.length === 0 ? (
        <Empty icon={Table2} title={say("table.emptyTitle")} text={say("table.emptyText")} />
      ) : found.length === 0 ? (
        <Empty icon={SearchX} title={say("table.noMatch", { query: q })} text={say("table.noMatchText")} />
      ) : (
        <Rows table={table} rows={shown} onEdit={onEdit} />
      )}
    </>
  );
}

function Rows({ table, rows, onEdit }: { table: WholeTable; rows: readonly TableRow[]; onEdit: (row: TableRow) => void }) {
  const { id: environment } = useEnvironment();
  const queries = useQueryClient();
  const may = useMay("operate", environment);
  const remove = useMutation({
    mutationFn: (row: TableRow) =>
      changeTableRows(environment, table.name, { remove: [keyOf(table, row)], revision: table.revision }),
    onSuccess: (_done, row) => {
      tell({ message: say("table.rowRemoved", { key: keyText(table, row) }) });
      void queries.invalidateQueries({ queryKey: ["tables", environment] });
    },
    onError: failed,
  });
  return (
    <ListPanel>
      <div className={classes.rows}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {table.columns.map(({ name, title }) => (
                <Table.Th key={name}>{title ?? name}</Table.Th>
              ))}
              <Table.Th data-end>{say("table.actions")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => {
              const key = keyText(table, row);
              return (
                <Table.Tr key={key} data-testid="reference-row">
                  {table.columns.map(({ name, type }) => (
                    <Table.Td key={name} className={`${classes.cell} ${type === "decimal" ? "ol-number" : ""}`}>
                      {row[name] === undefined ? "" : String(row[name])}
                    </Table.Td>
                  ))}
                  <Table.Td data-end style={{ whiteSpace: "nowrap" }}>
                    <ActionIcon aria-label={say("table.edit", { key })} disabled={!may} onClick={() => onEdit(row)}>
                      <Pencil size={14} />
                    </ActionIcon>
                    <ActionIcon aria-label={say("table.removeRow", { key })} disabled={!may} onClick={() => remove.mutate(row)}>
                      <Trash2 size={14} />
                    </ActionIcon>
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
    </ListPanel>
  );
}

const keyOf = ({ key }: WholeTable, row: TableRow) => Object.fromEntries(key.map((name) => [name, row[name] ?? null]));
