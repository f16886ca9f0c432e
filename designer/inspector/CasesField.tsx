import { ActionIcon, Button, Input, TextInput } from "@mantine/core";
import { ArrowUp, Plus, X } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { pointerOf } from "#schemas/pointer.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { besideEditor, type FieldProps, isUnder, problemsAt } from "./fields.ts";
import classes from "./inspector.module.css";
import { ProblemTexts } from "./ProblemText.tsx";

const ExpressionEditor = lazy(() => import("../expression/ExpressionEditor.tsx"));

interface Case extends Record<string, unknown> {
  port?: string;
  title?: string;
  when?: string;
}

const casesOf = (value: unknown): Case[] =>
  Array.isArray(value) ? value.filter((one): one is Case => typeof one === "object" && one !== null) : [];

/** The cases of a switch: each an output port and when an item leaves through it; the first that is true wins. */
export function CasesField({ field, value, onChange, problems, place }: FieldProps) {
  const { t } = useTranslation();
  const readOnly = useReadOnly();
  const cases = casesOf(value);
  const change = (at: number, part: Partial<Case>) =>
    onChange(cases.map((one, index) => (index === at ? { ...one, ...part } : one)));
  const raise = (at: number) => onChange([...cases.slice(0, at - 1), cases[at], cases[at - 1], ...cases.slice(at + 1)]);
  const add = () => {
    const taken = new Set(cases.map(({ port }) => port));
    let number = cases.length + 1;
    while (taken.has(`case${number}`)) number += 1;
    onChange([...cases, { port: `case${number}`, when: "" }]);
  };
  const whole = problems.filter(({ pointer }) => pointer === place);
  return (
    <Input.Wrapper label={field.title} description={field.description} withAsterisk={field.required} labelElement="div">
      <div className={classes.fields} style={{ gap: 8, marginTop: 4 }} data-testid={`config-${field.name}`}>
        {cases.map((one, at) => (
          <CaseRow
            // A case has no id of its own; its place is what tells it from the others.
            key={rowKey(at)}
            value={one}
            problems={problems.filter(({ pointer }) => isUnder(pointer, place + pointerOf(at)))}
            place={place + pointerOf(at)}
            onChange={(part) => change(at, part)}
            onRemove={() => onChange(cases.filter((_, index) => index !== at))}
            onRaise={at > 0 ? () => raise(at) : undefined}
          />
        ))}
        <ProblemTexts problems={whole} />
        {!readOnly && (
          <Button
            variant="default"
            onClick={add}
            leftSection={<Plus size={14} aria-hidden />}
            style={{ alignSelf: "flex-start" }}
          >
            {t("inspector.addCase")}
          </Button>
        )}
      </div>
    </Input.Wrapper>
  );
}

const rowKey = (at: number): string => `case ${at}`;

interface CaseRowProps {
  value: Case;
  problems: FieldProps["problems"];
  place: string;
  onChange: (part: Partial<Case>) => void;
  onRemove: () => void;
  onRaise: (() => void) | undefined;
}

function CaseRow({ value, problems, place, onChange, onRemove, onRaise }: CaseRowProps) {
  const { t } = useTranslation();
  const readOnly = useReadOnly();
  const name = value.port ?? "";
  return (
    <div className={classes.case}>
      <div className={classes.caseHead}>
        <TextInput
          label={t("inspector.casePort")}
          value={name}
          onChange={(event) => onChange({ port: event.currentTarget.value })}
          style={{ flex: 1 }}
        />
        {onRaise && !readOnly && (
          <ActionIcon aria-label={t("inspector.moveCaseUp", { name })} onClick={onRaise}>
            <ArrowUp size={14} />
          </ActionIcon>
        )}
        {!readOnly && (
          <ActionIcon aria-label={t("inspector.removeCase", { name })} onClick={onRemove}>
            <X size={14} />
          </ActionIcon>
        )}
      </div>
      <ProblemTexts problems={problemsAt(problems, `${place}/port`)} />
      <div>
        <Input.Label size="xs" labelElement="div">
          {t("inspector.caseWhen")}
        </Input.Label>
        <div className={classes.editor}>
          <Suspense fallback={<div style={{ height: 32 }} />}>
            <ExpressionEditor
              label={`${t("inspector.caseWhen")} ${name}`}
              value={value.when ?? ""}
              onChange={(when) => onChange({ when })}
              small
            />
          </Suspense>
        </div>
      </div>
      <ProblemTexts
        problems={besideEditor(problems).filter(({ pointer }) => pointer === place || isUnder(pointer, `${place}/when`))}
      />
    </div>
  );
}
