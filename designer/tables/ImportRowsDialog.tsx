import { FileInput, SegmentedControl, Table, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ImportedRows, ImportRows, RowChange, WholeTable } from "#schemas/referenceTable.ts";
import { importTableRows } from "../api/commands.ts";
import { useEnvironment } from "../app/address.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { tell } from "../elements/tell.ts";
import { say } from "./say.ts";
import classes from "./tables.module.css";

/** Rows from a CSV file or a spreadsheet: first what they would change, then the change. */
export function ImportRowsDialog({ table, onClose }: { table: WholeTable; onClose: () => void }) {
  const { id: environment } = useEnvironment();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [mode, setMode] = useState<ImportRows["mode"]>("merge");
  const [seen, setSeen] = useState<ImportedRows | null>(null);
  const { name, revision } = table;
  const isSeen = seen !== null && seen.faults.length === 0 && changeCount(seen) > 0;
  const bring = useMutation({
    mutationFn: () => importTableRows(environment, name, { text, mode, dryRun: !isSeen, revision }),
    onSuccess: (done) => {
      if (!done.applied) return setSeen(done);
      const { added, changed, removed } = done.changes;
      tell({ message: say("import.done", { added, changed, removed }) });
      void queries.invalidateQueries({ queryKey: ["tables", environment] });
      onClose();
    },
  });
  const put = (next: string) => {
    setText(next);
    setSeen(null);
  };
  return (
    <FormDialog
      title={say("import.title", { name })}
      size="xl"
      onClose={onClose}
      action={bring}
      error={bring.error}
      submit={say(isSeen ? "import.apply" : "import.look")}
      disabled={text.trim() === ""}
      testId="import-rows-do"
    >
      <FileInput
        label={say("import.file")}
        placeholder={say("import.choose")}
        accept=".csv,.tsv,.txt,text/csv"
        clearable
        value={file}
        onChange={(chosen) => {
          setFile(chosen);
          void (chosen?.text() ?? Promise.resolve("")).then(put);
        }}
      />
      <Textarea
        label={say("import.text")}
        description={say("import.textHint")}
        autosize
        minRows={4}
        maxRows={10}
        value={text}
        onChange={(event) => put(event.currentTarget.value)}
        data-testid="import-text"
      />
      <div>
        <div style={{ fontWeight: 500, marginBottom: 4 }}>{say("import.mode")}</div>
        <SegmentedControl
          aria-label={say("import.mode")}
          data={[
            { value: "merge", label: say("import.merge") },
            { value: "replace", label: say("import.replace") },
          ]}
          value={mode}
          onChange={(value) => {
            setMode(value as ImportRows["mode"]);
            setSeen(null);
          }}
        />
      </div>
      {seen && <Seen seen={seen} table={table} />}
    </FormDialog>
  );
}

const changeCount = ({ changes: { added, changed, removed } }: ImportedRows): number => added + changed + removed;

function Seen({ seen, table }: { seen: ImportedRows; table: WholeTable }) {
  const { changes, faults } = seen;
  if (faults.length > 0)
    return (
      <div role="alert">
        <p style={{ margin: 0 }}>{say("import.faults")}</p>
        <ul>
          {faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      </div>
    );
  const { added, changed, removed, same, examples } = changes;
  const count = changeCount(seen);
  if (count === 0) return <p role="status">{say("import.nothing")}</p>;
  return (
    <div role="status">
      <p style={{ margin: 0 }}>{say("import.would", { added, changed, removed, same })}</p>
      <div className={classes.rows}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("import.was")}</Table.Th>
              <Table.Th>{say("import.is")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {examples.map((change) => (
              <Table.Tr key={JSON.stringify(change)}>
                <Table.Td>{rowText(table, change.before)}</Table.Td>
                <Table.Td>{rowText(table, change.after)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {count > examples.length && <p className="ol-dim">{say("import.more", { count: examples.length })}</p>}
    </div>
  );
}

const rowText = ({ columns }: WholeTable, row: RowChange["before"]): string =>
  row === null ? say("import.none") : columns.map(({ name }) => String(row[name] ?? "")).join(" · ");
