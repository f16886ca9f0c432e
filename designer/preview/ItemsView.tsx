import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { JsonView } from "../elements/JsonView.tsx";
import { type Known, shapeOf } from "../expression/shape.ts";
import { exampleOf, shapeText } from "../expression/words.ts";
import { columnsOf, type DataForm, rowsOf, rowText } from "./data.ts";
import classes from "./preview.module.css";

const forms: readonly DataForm[] = ["table", "json", "schema"];
/** Rows of a table; who wants more reads JSON. */
const ROWS_SHOWN = 50;

/** What a port or an edge carried, as a table, as JSON, or as the fields that it has. */
export function ItemsView({ items, label }: { items: readonly unknown[]; label: string }) {
  const { t } = useTranslation();
  const [form, setForm] = useState<DataForm>("json");
  return (
    <div data-testid="data-view">
      <div className={classes.dataHead}>
        <span className="ol-dim ol-small" data-testid="data-count">
          {t("preview.items", { count: items.length })}
        </span>
        <SegmentedControl
          size="xs"
          aria-label={t("preview.view")}
          data={forms.map((value) => ({ value, label: t(`preview.${value}`) }))}
          value={form}
          onChange={(value) => setForm(forms.find((one) => one === value) ?? "json")}
        />
      </div>
      {form === "json" && <JsonView value={items.length === 1 ? items[0] : items} label={label} maxHeight={560} />}
      {form === "table" && <DataTable items={items} label={label} />}
      {form === "schema" && <FieldTable shape={shapeOf(items)} label={label} />}
    </div>
  );
}

const scrollable = { tabIndex: 0 };

function DataTable({ items, label }: { items: readonly unknown[]; label: string }) {
  const { t } = useTranslation();
  const rows = rowsOf(items);
  const columns = columnsOf(rows);
  const titles: Record<string, string> = { name: t("preview.field"), value: t("preview.value") };
  const isPairs = rows.length > 0 && items.length === 1 && !Array.isArray(items[0]);
  return (
    <section className={classes.tableBox} aria-label={label} {...scrollable}>
      <table className={classes.table} data-pairs={isPairs || undefined}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {isPairs ? (titles[column] ?? column) : column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_SHOWN).map((row, index) => (
            // Rows have no name of their own; they never change places.
            <tr key={rowKey(index)}>
              {columns.map((column) => (
                <td key={column}>
                  <span title={rowText(row[column])}>{rowText(row[column])}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > ROWS_SHOWN && <p className="ol-dim">{t("preview.rowsLeft", { count: rows.length - ROWS_SHOWN })}</p>}
    </section>
  );
}

const rowKey = (index: number): string => `row ${index}`;

function FieldTable({ shape, label }: { shape: Known; label: string }) {
  const { t } = useTranslation();
  return (
    <section className={classes.tableBox} aria-label={label} {...scrollable}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("preview.field")}</th>
            <th scope="col">{t("preview.type")}</th>
            <th scope="col">{t("preview.seen")}</th>
          </tr>
        </thead>
        <tbody>
          <FieldRows shape={shape} depth={0} path="" />
        </tbody>
      </table>
    </section>
  );
}

function FieldRows({ shape, depth, path }: { shape: Known; depth: number; path: string }) {
  const { t } = useTranslation();
  return [...(shape?.fields ?? [])].map(([name, field]) => {
    const place = `${path}.${name}`;
    return [
      <tr key={place}>
        <td className="ol-mono" style={{ paddingLeft: 8 + depth * 14 }}>
          {name}
        </td>
        <td>{shapeText(field, t)}</td>
        <td className="ol-mono ol-dim">{exampleOf(field)}</td>
      </tr>,
      <FieldRows key={`${place}.`} shape={field} depth={depth + 1} path={place} />,
    ];
  });
}
