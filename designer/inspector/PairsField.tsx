import { ActionIcon, Button, Input, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import type { FieldProps } from "./fields.ts";
import classes from "./inspector.module.css";
import { ProblemTexts } from "./ProblemText.tsx";
import { objectOf, type Row, rowOf } from "./rows.ts";
import { say } from "./say.ts";

type Pair = readonly [name: string, value: string];

const pairsOf = (value: unknown): Pair[] =>
  typeof value === "object" && value !== null ? Object.entries(value).map(([name, one]) => [name, String(one)] as const) : [];

const same = (rows: readonly Row<Pair>[], value: unknown): boolean =>
  JSON.stringify(objectOf(rows.map((row) => row.value)) ?? {}) === JSON.stringify(value ?? {});

/** Names with a text each. A pair is part of the value once it has a name. */
export function PairsField({ field, value, onChange, problems, place }: FieldProps) {
  const readOnly = useReadOnly();
  const [typed, setTyped] = useState<Row<Pair>[]>(() => pairsOf(value).map(rowOf));
  // What comes from elsewhere, as by undo, goes before what is typed here.
  const rows = same(typed, value) ? typed : pairsOf(value).map(rowOf);
  const put = (next: Row<Pair>[]) => {
    setTyped(next);
    onChange(objectOf(next.map((row) => row.value)));
  };
  const set = (row: Row<Pair>, pair: Pair) => put(rows.map((other) => (other === row ? { ...row, value: pair } : other)));
  return (
    <Input.Wrapper label={field.title} description={field.description} withAsterisk={field.required} labelElement="div">
      <div className={classes.fields} style={{ gap: 6, marginTop: 4 }} data-testid={`config-${field.name}`}>
        {rows.map((row, at) => {
          const [name, text] = row.value;
          const twice = name !== "" && rows.slice(0, at).some((other) => other.value[0] === name);
          return (
            <div key={row.id} className={classes.pair}>
              <TextInput
                aria-label={say("pairs.name", { title: field.title, number: at + 1 })}
                placeholder={say("pairs.namePlaceholder")}
                value={name}
                onChange={(event) => set(row, [event.currentTarget.value, text])}
                error={twice ? say("pairs.twice") : undefined}
              />
              <TextInput
                aria-label={say("pairs.value", { title: field.title, number: at + 1 })}
                placeholder={say("pairs.valuePlaceholder")}
                value={text}
                onChange={(event) => set(row, [name, event.currentTarget.value])}
              />
              {!readOnly && (
                <ActionIcon
                  aria-label={say("pairs.remove", { name: name || String(at + 1) })}
                  onClick={() => put(rows.filter((other) => other !== row))}
                >
                  <X size={14} />
                </ActionIcon>
              )}
            </div>
          );
        })}
        <ProblemTexts problems={problems.filter(({ pointer }) => pointer === place || pointer.startsWith(`${place}/`))} />
        {!readOnly && (
          <Button
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
            style={{ alignSelf: "flex-start" }}
            onClick={() => setTyped([...rows, rowOf<Pair>(["", ""])])}
          >
            {say("pairs.add")}
          </Button>
        )}
      </div>
    </Input.Wrapper>
  );
}
