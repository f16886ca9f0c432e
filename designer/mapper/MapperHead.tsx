import { Button, Select, Switch } from "@mantine/core";
import { ListTodo, Sparkles } from "lucide-react";
import classes from "./mapper.module.css";
import { say } from "./say.ts";
import { canonicalChoices, type FoundTarget, type TargetChoice } from "./targetChoice.ts";
import type { Mapper } from "./useMapper.ts";

interface MapperHeadProps {
  mapper: Mapper;
  choice: TargetChoice;
  onChoice: (choice: TargetChoice) => void;
  found: FoundTarget | undefined;
  suggesting: boolean;
  onSuggesting: (on: boolean) => void;
  onNext: () => void;
}

const OPEN = "open";

/** What the fields are held against, how many of the required ones are there, and what is suggested. */
export function MapperHead({ mapper, choice, onChoice, found, suggesting, onSuggesting, onNext }: MapperHeadProps) {
  const sure = [...mapper.suggestions.values()].filter((one) => one.sure);
  const nodeName = found?.node.name ?? found?.node.id ?? "";
  const titleOf = (name: string, title: string) =>
    found?.choice.kind === "canonical" && found.choice.name === name ? say("target.fromFlow", { title, node: nodeName }) : title;
  const choices = canonicalChoices().map(({ name, title }) => ({ value: name, label: titleOf(name, title) }));
  return (
    <div className={classes.head}>
      <Select
        aria-label={say("target.label")}
        className={classes.targetChoice ?? ""}
        data={[...choices, { value: OPEN, label: say("target.open") }]}
        value={choice.kind === "open" ? OPEN : choice.name}
        onChange={(value) => value && onChoice(value === OPEN ? { kind: "open" } : { kind: "canonical", name: value })}
        allowDeselect={false}
        comboboxProps={{ width: 320, position: "bottom-start", transitionProps: { duration: 0 } }}
        data-testid="mapper-target"
      />
      <CoverageBar mapper={mapper} onNext={onNext} />
      {!mapper.readOnly && (
        <div className={classes.headSuggest}>
          {suggesting && sure.length > 0 && (
            <Button
              variant="light"
              leftSection={<Sparkles size={13} aria-hidden />}
              onClick={() => mapper.accept(sure)}
              data-testid="accept-sure"
            >
              {say("head.accept", { count: sure.length })}
            </Button>
          )}
          <Switch
            size="xs"
            label={suggesting ? say("head.suggestions", { count: mapper.suggestions.size }) : say("head.show")}
            checked={suggesting}
            onChange={(event) => onSuggesting(event.currentTarget.checked)}
            data-testid="show-suggestions"
          />
        </div>
      )}
    </div>
  );
}

function CoverageBar({ mapper, onNext }: { mapper: Mapper; onNext: () => void }) {
  const { coverage, entries } = mapper.model;
  const { mapped, required, open } = coverage;
  const text = required > 0 ? say("head.covered", { mapped, required }) : say("head.noneRequired", { count: entries.size });
  return (
    <div className={classes.coverage}>
      {required > 0 && (
        <span className={classes.meter} data-full={open.length === 0 || undefined} aria-hidden>
          <span style={{ width: `${(100 * mapped) / required}%` }} />
        </span>
      )}
      <span data-testid="coverage">{text}</span>
      {open.length > 0 && (
        <Button
          variant="subtle"
          leftSection={<ListTodo size={13} aria-hidden />}
          title={say("head.nextHint")}
          onClick={onNext}
          data-testid="next-unmapped"
        >
          {say("head.next")}
        </Button>
      )}
    </div>
  );
}
