import { Button, Menu, Popover, Select, TextInput } from "@mantine/core";
import { TableProperties, Wand2 } from "lucide-react";
import { type FormEvent, type RefObject, useMemo, useState } from "react";
import classes from "./FieldTools.module.css";
import { keyOf, pathText, samePath } from "./path.ts";
import { kindsText } from "./SourcePane.tsx";
import { say } from "./say.ts";
import type { SourceField } from "./source.ts";
import { rankedFor } from "./suggest.ts";
import { TableDialog } from "./TableDialog.tsx";
import type { TargetField } from "./target.ts";
import { transformed, transforms, transformsFor } from "./transforms.ts";
import type { Mapper } from "./useMapper.ts";

const CHOICES_SHOWN = 80;

interface SourcePickerProps {
  mapper: Mapper;
  field: TargetField;
  picker: RefObject<HTMLInputElement | null>;
  onDone: () => void;
}

/** The way without a pointer: a list of all source fields that is searched by typing, the likeliest first. */
export function SourcePicker({ mapper, field, picker, onDone }: SourcePickerProps) {
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
        if (event.key !== "Escape") return;
        event.preventDefault();
        onDone();
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
  /** What stands there to begin with. */
  initial?: string;
  /** It stands back behind others. */
  quiet?: boolean;
}

/** A button that asks for one value; of a field with fixed values it offers those. */
export function TextAsk({ label, ask, choices, onText, initial = "", quiet = false }: TextAskProps) {
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState(initial);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setOpened(false);
    setTyped(initial);
    onText(typed);
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="top-start" shadow="md" withinPortal>
      <Popover.Target>
        <Button variant={quiet ? "subtle" : "default"} onClick={() => setOpened(!opened)}>
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

export function TransformTools({ field, text, onText }: ToolProps) {
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

export function TableTool({ mapper, field, text, onText }: ToolProps & { mapper: Mapper }) {
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
