import { Button } from "@mantine/core";
import { CircleAlert, Sparkles, TriangleAlert, Unlink } from "lucide-react";
import { memo, type RefObject } from "react";
import classes from "./FieldBar.module.css";
import { FieldEditor, ThroughWords } from "./FieldEditor.tsx";
import { SourcePicker, TableTool, TextAsk, TransformTools } from "./FieldTools.tsx";
import { slice } from "./mapping.ts";
import { pathText } from "./path.ts";
import { say } from "./say.ts";
import { type FieldWords, outerText, typeText } from "./TargetPane.tsx";
import { givenTo, type TargetField } from "./target.ts";
import { literalOf, withDefault } from "./transforms.ts";
import { valueText } from "./useFieldResults.ts";
import type { Mapper } from "./useMapper.ts";

interface FieldBarProps {
  mapper: Mapper;
  field: TargetField | undefined;
  words: FieldWords | undefined;
  sample: string | undefined;
  picker: RefObject<HTMLInputElement | null>;
  editor: RefObject<HTMLDivElement | null>;
  /** The keys go back to the tree. */
  onDone: () => void;
}

/** The selected field: what gives its value, as an expression and by press of a button, and what that is on the sample. */
export const FieldBar = memo(function FieldBar({ mapper, field, words, ...rest }: FieldBarProps) {
  if (!field || !words)
    return (
      <section className={classes.bar} aria-label={say("bar.label")} data-empty>
        <p className="ol-dim">{say("bar.none")}</p>
      </section>
    );
  return <FieldForm key={field.key} mapper={mapper} field={field} words={words} {...rest} />;
});

type FieldFormProps = FieldBarProps & { field: TargetField; words: FieldWords };

function FieldForm({ mapper, field, words, sample, picker, editor, onDone }: FieldFormProps) {
  const { mapping, entries } = mapper.model;
  const found = entries.get(field.key);
  const text = mapping && found ? slice(mapping, found.entry.value) : "";
  const given = givenTo(mapping, field.path);
  const outer = given === "outer" ? outerText(mapper, field) : "";
  const suggestion = mapper.suggestions.get(field.key);
  const set = (value: string) => {
    mapper.write(field, value);
    onDone();
  };
  return (
    <section className={classes.bar} aria-label={say("bar.label")} data-testid="field-bar">
      <div className={classes.barHead}>
        <strong className="ol-mono">{pathText(field.path)}</strong>
        {field.title !== field.name && <span>{field.title}</span>}
        <span className="ol-dim">
          {[field.list ? say("row.list") : "", typeText(field), field.required ? say("row.required") : ""]
            .filter(Boolean)
            .join(", ")}
        </span>
        <span className={`${classes.barText} ol-dim ol-clip`} title={field.description}>
          {field.extra ? say("bar.additional") : field.description}
          {field.choices.length > 0 && ` ${say("bar.allowed", { choices: field.choices.join(", ") })}`}
        </span>
      </div>
      {outer === "" ? (
        <div className={classes.barBody}>
          <div className={classes.barEditor} ref={editor}>
            <FieldEditor mapper={mapper} field={field} text={text} />
            <ThroughWords mapper={mapper} field={field} />
          </div>
          <div className={classes.barSide}>
            <ResultWords words={words} sample={sample} shown={given !== "none"} />
          </div>
        </div>
      ) : (
        <p className={classes.barOuter}>{say("bar.takeApart", { outer })}</p>
      )}
      {!mapper.readOnly && outer === "" && (
        <div className={classes.barTools} data-testid="field-tools">
          <SourcePicker mapper={mapper} field={field} picker={picker} onDone={onDone} />
          {suggestion && (
            <Button
              variant="light"
              leftSection={<Sparkles size={13} aria-hidden />}
              onClick={() => {
                mapper.accept([suggestion]);
                onDone();
              }}
            >
              {pathText(suggestion.source.path)}
            </Button>
          )}
          <TextAsk
            label={say("bar.constant")}
            ask={say("bar.constantOf", { name: field.name })}
            choices={field.choices}
            initial={field.constant ?? ""}
            onText={(typed) => set(literalOf(typed, field))}
          />
          {text !== "" && field.children.length === 0 && (
            <>
              <TextAsk
                label={say("bar.default")}
                ask={say("bar.defaultOf", { name: field.name })}
                choices={field.choices}
                onText={(typed) => set(withDefault(text, literalOf(typed, field)))}
              />
              <TableTool mapper={mapper} field={field} text={text} onText={set} />
              <TransformTools field={field} text={text} onText={set} />
            </>
          )}
          {found && (
            <Button
              variant="subtle"
              color="gray"
              leftSection={<Unlink size={13} aria-hidden />}
              onClick={() => {
                mapper.unmap(field);
                onDone();
              }}
              data-testid="unmap"
            >
              {say("bar.unmap")}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function ResultWords({ words, sample, shown }: { words: FieldWords; sample: string | undefined; shown: boolean }) {
  const { faults, warnings, value, there } = words;
  return (
    <>
      {there && shown && (
        <div className={classes.barResult} data-testid="field-result">
          <span className="ol-dim">{say("bar.result", { sample: sample ?? "" })}</span>
          <code title={JSON.stringify(value, null, 1)}>
            {value === undefined ? say("bar.nothing") : typeof value === "object" ? JSON.stringify(value) : valueText(value)}
          </code>
        </div>
      )}
      {faults.map((fault) => (
        <p key={fault} className={classes.fault}>
          <CircleAlert size={13} aria-hidden /> {fault}
        </p>
      ))}
      {warnings.map((warning) => (
        <p key={warning} className={classes.warning}>
          <TriangleAlert size={13} aria-hidden /> {warning}
        </p>
      ))}
    </>
  );
}
