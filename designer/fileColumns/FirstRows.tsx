import { Table } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import type { FileColumn } from "#schemas/fileColumns.ts";
import { isObject } from "#schemas/isObject.ts";
import classes from "./fileColumns.module.css";
import type { Rows } from "./form.ts";
import { say } from "./say.ts";

interface FirstRowsProps {
  /** Null without a sample. */
  rows: Rows | null;
  columns: readonly FileColumn[];
}

/** The first rows as the flow gets them, or what it is that cannot be read and where. */
export function FirstRows({ rows, columns }: FirstRowsProps) {
  if (rows === null) return <p className="ol-dim ol-small">{say("preview.none")}</p>;
  if (!rows.ok)
    return (
      <p role="alert" className={classes.fault}>
        <CircleAlert size={14} aria-hidden />
        <span>{rows.reason}</span>
      </p>
    );
  if (rows.rows.length === 0) return <p className="ol-dim ol-small">{say("preview.empty")}</p>;
  const records = rows.rows.map((row) => (isObject(row) ? row : { ...(row as string[]) }));
  const named = columns.map(({ name }) => name.trim()).filter((name) => name !== "");
  const names = [...new Set([...named, ...records.flatMap((record) => Object.keys(record))])];
  const byPlace = records.some((_, at) => Array.isArray(rows.rows[at]));
  return (
    <section className={classes.scroll} aria-label={say("preview.label")} data-testid="columns-preview">
      <Table className={classes.rows} verticalSpacing={4} horizontalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            {names.map((name) => (
              <Table.Th key={name} className="ol-mono">
                {byPlace ? `[${name}]` : name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {records.map((record, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no name but their place
            <Table.Tr key={at}>
              {names.map((name) => (
                <Cell key={name} value={Object.hasOwn(record, name) ? record[name] : undefined} />
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

/** Texts stand in quotes, so that a number can be told from digits. */
function Cell({ value }: { value: unknown }) {
  if (value === undefined) return <Table.Td className="ol-dim">{say("preview.absent")}</Table.Td>;
  return <Table.Td className="ol-mono">{JSON.stringify(value)}</Table.Td>;
}
