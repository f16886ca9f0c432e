import { Repeat, ShieldAlert } from "lucide-react";
import { ExpressionInputContext, useExpressionInput } from "../expression/input.ts";
import type { GuardPart } from "./edit.ts";
import { variablesOf } from "./FieldEditor.tsx";
import classes from "./GuardBar.module.css";
import { HeldEditor } from "./HeldEditor.tsx";
import { type Guard, guardsOf, type Mapping, slice } from "./mapping.ts";
import { say } from "./say.ts";
import type { Mapper } from "./useMapper.ts";

/** What stands before the object whose fields are drawn: what refuses an item, and the list that it is made for each member of. */
export function GuardBar({ mapper }: { mapper: Mapper }) {
  const { mapping } = mapper.model;
  const input = useExpressionInput();
  if (!mapping) return null;
  const guards = guardsOf(mapping);
  const list = mapping.root.each?.list;
  if (guards.length === 0 && !list) return null;
  // Inside a list plain names stand for its members, or for the input: which of the two no sample can tell.
  const here = input && list ? { ...input, samples: [] } : input;
  return (
    <section className={classes.before} aria-label={say("before.label")} data-testid="before-object">
      {list && (
        <p className={classes.each}>
          <Repeat size={14} aria-hidden />
          <span>
            {say("before.each")} <code>{slice(mapping, list).replaceAll(/\s+/g, " ")}</code>
          </span>
        </p>
      )}
      <ExpressionInputContext value={here}>
        {guards.map((guard, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: guards have no name but their order, and never change it
          <GuardFields key={at} mapper={mapper} mapping={mapping} guard={guard} at={at} />
        ))}
      </ExpressionInputContext>
    </section>
  );
}

interface GuardFieldsProps {
  mapper: Mapper;
  mapping: Mapping;
  guard: Guard;
  at: number;
}

function GuardFields({ mapper, mapping, guard, at }: GuardFieldsProps) {
  const variables = variablesOf(mapping);
  const editor = (part: GuardPart, label: string) => (
    <HeldEditor
      label={label}
      text={slice(mapping, guard[part])}
      variables={variables}
      onWrite={(next) => mapper.guard(at, part, next)}
      pending={() => say(part === "condition" ? "before.pendingCondition" : "before.pendingRefusal")}
      testId={`guard-${part}`}
      foot={false}
    />
  );
  return (
    <div className={classes.guard}>
      <span className={classes.word}>
        <ShieldAlert size={14} aria-hidden />
        {say(guard.refusesWhen ? "before.refusesWhen" : "before.refusesUnless")}
      </span>
      {editor("condition", say(guard.refusesWhen ? "before.refusesWhen" : "before.refusesUnless"))}
      <span className={classes.word}>{say("before.with")}</span>
      {editor("refusal", say("before.refusal"))}
    </div>
  );
}
