import { ActionIcon, Button, Input, NumberInput, TextInput } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { isObject } from "#schemas/isObject.ts";
import { pointerOf } from "#schemas/pointer.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { type FieldProps, problemsAt, titleFrom } from "./fields.ts";
import classes from "./inspector.module.css";
import { ProblemTexts } from "./ProblemText.tsx";
import { moved, type Row, rowOf, rowsFor } from "./rows.ts";
import { say } from "./say.ts";

interface ListFieldProps extends FieldProps {
  /** The form of a member that is an object. */
  form: (value: Record<string, unknown>, place: string, onChange: (value: Record<string, unknown>) => void) => ReactNode;
}

type Schema = Record<string, unknown>;

const emptyOf = ({ type, default: preset }: Schema): unknown => preset ?? (type === "object" ? {} : type === "string" ? "" : 0);

/** A list: members are added, taken out, and moved by buttons or with Alt and the arrows. */
export function ListField({ field, value, onChange, problems, place, form }: ListFieldProps) {
  const items = isObject(field.schema.items) ? field.schema.items : {};
  const readOnly = useReadOnly();
  const kept = useRef<Row<unknown>[]>([]);
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  kept.current = rowsFor(list, kept.current);
  const rows = kept.current;
  const box = useRef<HTMLDivElement>(null);
  const put = (next: readonly Row<unknown>[]) => {
    kept.current = [...next];
    onChange(next.length === 0 ? undefined : next.map((row) => row.value));
  };
  const move = (at: number, by: -1 | 1) => {
    const id = rows[at]?.id;
    put(moved(rows, at, by));
    // The row has changed its place in the page: what had the focus in it gets it back.
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-row="${id}"] [data-move="${by}"]`)?.focus());
  };
  const onKey = (event: KeyboardEvent, at: number) => {
    if (readOnly || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    move(at, event.key === "ArrowUp" ? -1 : 1);
  };
  const own = problems.filter(({ pointer }) => pointer === place);
  return (
    <Input.Wrapper label={field.title} description={field.description} withAsterisk={field.required} labelElement="div">
      <div ref={box} className={classes.fields} style={{ gap: 8, marginTop: 4 }} data-testid={`config-${field.name}`}>
        {rows.map((row, at) => {
          const name = say("list.member", { title: field.title, number: at + 1 });
          const here = place + pointerOf(at);
          const change = (next: unknown) => put(rows.map((other) => (other === row ? { ...row, value: next } : other)));
          return (
            <fieldset
              key={row.id}
              className={`${classes.case} ${classes.member}`}
              data-row={row.id}
              data-place={here}
              aria-label={name}
              onKeyDown={(event) => onKey(event, at)}
            >
              <div className={classes.caseHead}>
                <div style={{ flex: 1 }}>
                  {items.type !== "object" && <Plain schema={items} label={name} value={row.value} onChange={change} />}
                  {items.type === "object" && <span className="ol-dim ol-small">{at + 1}</span>}
                </div>
                {!readOnly && (
                  <RowButtons
                    name={name}
                    isFirst={at === 0}
                    isLast={at === rows.length - 1}
                    onMove={(by) => move(at, by)}
                    onRemove={() => put(rows.filter((other) => other !== row))}
                  />
                )}
              </div>
              {items.type === "object" && form(isObject(row.value) ? row.value : {}, here, change)}
              <ProblemTexts
                problems={problemsAt(problems, here).filter(({ pointer }) => items.type !== "object" || pointer === here)}
              />
            </fieldset>
          );
        })}
        <ProblemTexts problems={own} />
        {!readOnly && (
          <Button
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
            style={{ alignSelf: "flex-start" }}
            onClick={() => put([...rows, rowOf(emptyOf(items))])}
          >
            {say("list.add", { what: typeof items.title === "string" ? items.title : titleFrom(field.name) })}
          </Button>
        )}
      </div>
    </Input.Wrapper>
  );
}

interface RowButtonsProps {
  name: string;
  isFirst: boolean;
  isLast: boolean;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

const RowButtons = ({ name, isFirst, isLast, onMove, onRemove }: RowButtonsProps) => (
  <>
    <ActionIcon data-move={-1} aria-label={say("list.up", { name })} disabled={isFirst} onClick={() => onMove(-1)}>
      <ArrowUp size={14} />
    </ActionIcon>
    <ActionIcon data-move={1} aria-label={say("list.down", { name })} disabled={isLast} onClick={() => onMove(1)}>
      <ArrowDown size={14} />
    </ActionIcon>
    <ActionIcon aria-label={say("list.remove", { name })} onClick={onRemove}>
      <X size={14} />
    </ActionIcon>
  </>
);

interface PlainProps {
  schema: Schema;
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Plain({ schema, label, value, onChange }: PlainProps) {
  if (schema.type === "string")
    return <TextInput aria-label={label} value={String(value ?? "")} onChange={(event) => onChange(event.currentTarget.value)} />;
  return (
    <NumberInput
      aria-label={label}
      value={typeof value === "number" ? value : ""}
      onChange={(next) => typeof next === "number" && onChange(next)}
    />
  );
}
