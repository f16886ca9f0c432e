import { Button, Menu, Popover, Select, TextInput } from "@mantine/core";
import { CircleAlert, Sparkles, TableProperties, TriangleAlert, Unlink, Wand2 } from "lucide-react";
import { type FormEvent, lazy, type RefObject, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { faultOf } from "../expression/fault.ts";
import { functionNames } from "../expression/functions.ts";
import { ExpressionInputContext, runVariables, useExpressionInput } from "../expression/input.ts";
import classes from "./mapper.module.css";
import { fieldsChangedWith, type Mapping, slice, type Through } from "./mapping.ts";
import { trailOf } from "./model.ts";
import { keyOf, pathText, samePath } from "./path.ts";
import { landingOf, placesOf } from "./reference.ts";
import { kindsText } from "./SourcePane.tsx";
import { say } from "./say.ts";
import type { SourceField } from "./source.ts";
import { rankedFor } from "./suggest.ts";
import { TableDialog } from "./TableDialog.tsx";
import { type FieldWords, outerText, typeText } from "./TargetPane.tsx";
import { givenTo, type TargetField } from "./target.ts";
import { literalOf, transformed, transforms, transformsFor, withDefault } from "./transforms.ts";
import { valueText } from "./useFieldResults.ts";
import type { Mapper } from "./useMapper.ts";

const ExpressionEditor = lazy(() => import("../expression/ExpressionEditor.tsx"));

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
export function FieldBar({ mapper, field, words, ...rest }: FieldBarProps) {
  if (!field || !words)
    return (
      <section className={classes.bar} aria-label={say("bar.label")} data-empty>
        <p className="ol-dim">{say("bar.none")}</p>
      </section>
    );
  return <FieldForm key={field.key} mapper={mapper} field={field} words={words} {...rest} />;
}

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

/** The field's own expression. A text that cannot be read is held back until it can: the rest of the mapping stays whole. */
function FieldEditor({ mapper, field, text }: { mapper: Mapper; field: TargetField; text: string }) {
  const input = useExpressionInput();
  const [typed, setTyped] = useState<string | undefined>();
  const ground = useMemo(() => groundOf(mapper, field), [mapper, field]);
  const here = useMemo(
    () =>
      input && {
        ...input,
        samples: ground.members ? membersAt(input.samples, ground.members) : ground.known ? input.samples : [],
      },
    [input, ground],
  );
  const written = useRef(text);
  // What comes from elsewhere, an undo for one, goes before what was typed.
  useEffect(() => {
    if (text !== written.current) setTyped(undefined);
    written.current = text;
  }, [text]);
  const change = (next: string) => {
    setTyped(next);
    if (next.trim() === "" || faultOf(next)) return;
    written.current = next;
    mapper.write(field, next, true);
  };
  return (
    <div className={classes.editor} data-testid="field-editor">
      <Suspense fallback={<div style={{ height: 34 }} />}>
        <ExpressionInputContext value={here}>
          <ExpressionEditor
            label={say("bar.editor", { name: pathText(field.path) })}
            value={typed ?? text}
            onChange={change}
            variables={ground.variables}
            result={false}
            small
          />
        </ExpressionInputContext>
      </Suspense>
    </div>
  );
}

/** What plain names stand for where a field's expression stands, and which variables are at hand. */
function groundOf({ model }: Mapper, field: TargetField) {
  const { mapping, origins, target, fields, entries } = model;
  const owner = entries.get(field.key)?.owner;
  const places = owner
    ? placesOf(owner.frames, origins)
    : landingOf(field, trailOf(target, field.path), undefined, mapping, origins, fields).places;
  const plain = places.find(({ via }) => via === "")?.origin;
  return {
    known: plain !== null && plain !== undefined,
    members: plain && plain.length > 0 ? plain : undefined,
    variables: mapping ? variablesOf(mapping) : runVariables,
  };
}

const variablesOf = ({ tokens }: Mapping): string[] => {
  const names = tokens.flatMap(({ kind, text }) => (kind === "variable" ? [text.slice(1)] : []));
  return [...new Set([...runVariables, ...names])].filter((name) => /^\w+$/.test(name) && !functionNames.has(name));
};

/** All values at a path, of lists each member. */
function membersAt(values: readonly unknown[], path: readonly string[]): unknown[] {
  const [name, ...rest] = path;
  const flat = values.flatMap((value) => (Array.isArray(value) ? value : [value]));
  if (name === undefined) return flat;
  const inner = flat.flatMap((value) => (typeof value === "object" && value !== null ? [Reflect.get(value, name)] : []));
  return membersAt(
    inner.filter((value) => value !== undefined && value !== null),
    rest,
  );
}

/** What stands around the object that a field is in: conditions, variables, what is gone through. */
function ThroughWords({ mapper, field }: { mapper: Mapper; field: TargetField }) {
  const { mapping, entries } = mapper.model;
  const found = entries.get(field.key);
  if (!mapping || !found) return null;
  const { entry, owner } = found;
  const through = entry.made ? entry.made.through : owner.through;
  if (through.length === 0) return null;
  const words = through.map((one) => throughText(mapping, one));
  const shared = fieldsChangedWith(mapping, field.path).map(pathText);
  return (
    <p className={`${classes.through} ol-dim`}>
      {words.join(" · ")}
      {shared.length > 0 && ` · ${say("bar.shared", { fields: shared.join(", ") })}`}
    </p>
  );
}

const throughText = (mapping: Mapping, through: Through): string => {
  const text = through.kind === "condition" ? slice(mapping, through.range).replaceAll(/\s+/g, " ") : through.name;
  return say(`through.${through.kind}`, { text });
};

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

const CHOICES_SHOWN = 80;

interface SourcePickerProps {
  mapper: Mapper;
  field: TargetField;
  picker: RefObject<HTMLInputElement | null>;
  onDone: () => void;
}

/** The way without a pointer: a list of all source fields that is searched by typing, the likeliest first. */
function SourcePicker({ mapper, field, picker, onDone }: SourcePickerProps) {
  const { fields } = mapper.model;
  const ranked = useMemo(() => rankedFor(field, [...fields.values()]), [field, fields]);
  const read = mapper.model.reads.get(field.key) ?? [];
  const [only, more] = read;
  const chosen = only && !more && fields.has(keyOf(only)) ? keyOf(only) : null;
  return (
    <Select
      ref={picker}
      searchable
      className={classes.picker ?? ""}
      aria-label={say("bar.source", { name: pathText(field.path) })}
      placeholder={say("bar.sourceHint")}
      nothingFoundMessage={say("bar.noSource")}
      limit={CHOICES_SHOWN}
      maxDropdownHeight={280}
      comboboxProps={{ width: 380, position: "top-start", transitionProps: { duration: 0 } }}
      data={ranked.map((source) => ({ value: source.key, label: pathText(source.path) }))}
      renderOption={({ option }) => <SourceOption source={fields.get(option.value)} />}
      value={chosen}
      onChange={(key) => {
        const source = key === null ? undefined : fields.get(key);
        if (source && !(only && samePath(source.path, only) && !more)) mapper.map(source, field);
        onDone();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
      }}
      data-testid="source-picker"
    />
  );
}

function SourceOption({ source }: { source: SourceField | undefined }) {
  if (!source) return null;
  const [example] = source.examples;
  return (
    <span className={classes.option}>
      <span className="ol-mono ol-clip">{pathText(source.path)}</span>
      <span className="ol-dim ol-clip">{example === undefined ? kindsText(source.kinds) : String(example)}</span>
    </span>
  );
}

interface TextAskProps {
  label: string;
  ask: string;
  choices: readonly string[];
  onText: (typed: string) => void;
}

/** A button that asks for one value; of a field with fixed values it offers those. */
function TextAsk({ label, ask, choices, onText }: TextAskProps) {
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    setOpened(false);
    onText(typed);
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="top-start" shadow="md" withinPortal>
      <Popover.Target>
        <Button variant="default" onClick={() => setOpened(!opened)}>
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={send} className={classes.ask}>
          {choices.length > 0 ? (
            <Select
              label={ask}
              data={[...choices]}
              value={typed || null}
              onChange={(choice) => setTyped(choice ?? "")}
              comboboxProps={{ withinPortal: false }}
              data-autofocus
            />
          ) : (
            <TextInput label={ask} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} data-autofocus />
          )}
          <Button type="submit">{say("bar.set")}</Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

interface ToolProps {
  field: TargetField;
  text: string;
  onText: (text: string) => void;
}

function TransformTools({ field, text, onText }: ToolProps) {
  const first = transformsFor(field);
  const rest = transforms.filter((one) => !first.includes(one));
  return (
    <>
      {first.map((one) => (
        <Button key={one} variant="default" onClick={() => onText(transformed(text, one))} data-testid={`transform-${one}`}>
          {say(`transform.${one}`)}
        </Button>
      ))}
      <Menu position="top-start">
        <Menu.Target>
          <Button variant="default" leftSection={<Wand2 size={13} aria-hidden />}>
            {say("bar.more")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {rest.map((one) => (
            <Menu.Item key={one} onClick={() => onText(transformed(text, one))}>
              {say(`transform.${one}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function TableTool({ mapper, field, text, onText }: ToolProps & { mapper: Mapper }) {
  const [opened, setOpened] = useState(false);
  if (field.list) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<TableProperties size={13} aria-hidden />}
        onClick={() => setOpened(true)}
        data-testid="lookup-table"
      >
        {say("bar.table")}
      </Button>
      {opened && <TableDialog mapper={mapper} field={field} text={text} onText={onText} onClose={() => setOpened(false)} />}
    </>
  );
}
