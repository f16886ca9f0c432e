import { Button, Select, Switch } from "@mantine/core";
import { ListTodo, Sparkles } from "lucide-react";
import { titleOf } from "../canvas/names.ts";
import { LooksOnly } from "../elements/ReadOnly.tsx";
import classes from "./MapperHead.module.css";
import { type MappingPlace, useMappingPlace } from "./place.ts";
import { say } from "./say.ts";
import { canonicalChoices, type FoundTarget, keyOfChoice, type TargetChoice } from "./targetChoice.ts";
import type { Mapper } from "./useMapper.ts";

interface MapperHeadProps {
  mapper: Mapper;
  /** Whether there are fields to speak of. */
  drawn: boolean;
  choice: TargetChoice;
  onChoice: (choice: TargetChoice) => void;
  found: FoundTarget | undefined;
  suggesting: boolean;
  onSuggesting: (on: boolean) => void;
  onNext: () => void;
}

/** What can be chosen, with what the flow itself asks for first. */
function choicesFor(found: FoundTarget | undefined, place: MappingPlace | null): { choice: TargetChoice; label: string }[] {
  const node = found && place ? titleOf(found.node, place.catalogue.manifests) : "";
  const wanted = found ? keyOfChoice(found.choice) : "";
  const canonical = canonicalChoices().map(({ name, title }) => ({
    choice: { kind: "canonical", name } as const,
    label: name === wanted ? say("target.fromFlow", { title, node }) : title,
  }));
  const read = found?.choice.kind === "operation" ? [{ choice: found.choice, label: say("target.reads", { node }) }] : [];
  return [...read, ...canonical, { choice: { kind: "open" }, label: say("target.open") }];
}

/** What the fields are held against, how many of the required ones are there, and what is suggested. */
export function MapperHead({ mapper, drawn, choice, onChoice, found, suggesting, onSuggesting, onNext }: MapperHeadProps) {
  const sure = [...mapper.suggestions.values()].filter((one) => one.sure);
  const choices = choicesFor(found, useMappingPlace());
  return (
    <div className={classes.head}>
      <LooksOnly>
        <Select
          aria-label={say("target.label")}
          title={choices.find((one) => keyOfChoice(one.choice) === keyOfChoice(choice))?.label ?? ""}
          className={classes.targetChoice ?? ""}
          data={choices.map((one) => ({ value: keyOfChoice(one.choice), label: one.label }))}
          value={keyOfChoice(choice)}
          onChange={(key) => {
            const chosen = choices.find((one) => keyOfChoice(one.choice) === key);
            if (chosen) onChoice(chosen.choice);
          }}
          allowDeselect={false}
          comboboxProps={{ width: 320, position: "bottom-start", transitionProps: { duration: 0 } }}
          data-testid="mapper-target"
        />
      </LooksOnly>
      {drawn && <CoverageBar mapper={mapper} onNext={onNext} />}
      {drawn && !mapper.readOnly && (
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
        <LooksOnly>
          <Button
            variant="subtle"
            leftSection={<ListTodo size={13} aria-hidden />}
            title={say("head.nextHint")}
            onClick={onNext}
            data-testid="next-unmapped"
          >
            {say("head.next")}
          </Button>
        </LooksOnly>
      )}
    </div>
  );
}
