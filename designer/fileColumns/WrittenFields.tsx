import { Select, Switch } from "@mantine/core";
import { isObject } from "#schemas/isObject.ts";
import { choicesOf } from "../inspector/fields.ts";
import { delimiters } from "./detect.ts";
import classes from "./fileColumns.module.css";
import type { FileForm } from "./form.ts";
import { say } from "./say.ts";

interface WrittenFieldsProps {
  form: FileForm;
  /** The settings that the node has: one that reads files has more of them than one that writes. */
  settings: Readonly<Record<string, unknown>>;
  onChange: (part: Partial<FileForm>) => void;
}

const delimiterNames = { ",": "written.comma", ";": "written.semicolon", "\t": "written.tab", "|": "written.bar" } as const;

const quotes = [
  { value: '"', label: "written.double" },
  { value: "'", label: "written.single" },
  { value: "", label: "written.noQuote" },
] as const;

/** How the file is written: what stands between fields and around them, its characters, its first row. */
export function WrittenFields({ form, settings, onChange }: WrittenFieldsProps) {
  const known = delimiters.map((value) => ({ value: value as string, label: say(delimiterNames[value]) }));
  const others = known.some(({ value }) => value === form.delimiter) ? [] : [{ value: form.delimiter, label: form.delimiter }];
  const { quote, charset, header } = settings;
  return (
    <section className={classes.part}>
      <h3>{say("written.title")}</h3>
      <div className={classes.written}>
        <Select
          label={say("written.delimiter")}
          data={[...known, ...others]}
          value={form.delimiter}
          allowDeselect={false}
          onChange={(delimiter) => delimiter !== null && onChange({ delimiter })}
          data-testid="columns-delimiter"
        />
        {quote !== undefined && (
          <Select
            label={say("written.quote")}
            data={quotes.map(({ value, label }) => ({ value, label: say(label) }))}
            value={form.quote}
            allowDeselect={false}
            onChange={(next) => next !== null && onChange({ quote: next })}
          />
        )}
        {isObject(charset) && form.charset !== undefined && (
          <Select
            label={say("written.charset")}
            data={choicesOf(charset)}
            value={form.charset}
            allowDeselect={false}
            onChange={(next) => next !== null && onChange({ charset: next })}
          />
        )}
        {header !== undefined && (
          <Switch
            label={say("written.header")}
            checked={form.header}
            onChange={(event) => onChange({ header: event.currentTarget.checked })}
          />
        )}
      </div>
    </section>
  );
}
