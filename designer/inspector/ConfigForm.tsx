import { Input, JsonInput, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { jsonSyntaxError } from "#schemas/json.ts";
import { pointerOf } from "#schemas/pointer.ts";
import type { Problem } from "#schemas/problem.ts";
import { propertiesOf } from "../canvas/summary.ts";
import { withChange } from "../canvas/withChange.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { useMappingPlace } from "../mapper/place.ts";
import { CasesField } from "./CasesField.tsx";
import { DurationField } from "./DurationField.tsx";
import { besideEditor, choicesOf, type FieldProps, isChosen, problemsAt, shownFields } from "./fields.ts";
import classes from "./inspector.module.css";
import { ListField } from "./ListField.tsx";
import { limitsOf } from "./limits.ts";
import { NumberField } from "./NumberField.tsx";
import { PairsField } from "./PairsField.tsx";
import { ChoicesField, FlowField, NodeField, OutcomesField, TableField } from "./PickFields.tsx";
import { ProblemTexts } from "./ProblemText.tsx";
import { ZoneField } from "./ZoneField.tsx";

const CronField = lazy(() => import("./CronField.tsx"));
const SchemaField = lazy(() => import("./SchemaField.tsx"));
const ColumnsField = lazy(() => import("../fileColumns/ColumnsField.tsx"));
const ExpressionEditor = lazy(() => import("../expression/ExpressionEditor.tsx"));
const MappingField = lazy(() => import("../mapper/MappingField.tsx"));

interface ConfigFormProps {
  schema: Record<string, unknown>;
  value: Readonly<Record<string, unknown>>;
  /** `whole`: a step of its own in the history, not typing that goes on. */
  onChange: (change: Readonly<Record<string, unknown>>, whole?: boolean) => void;
  /** Pointers begin at the node: `/config/...`. */
  problems: readonly Problem[];
  /** Where `value` stands in the node. */
  place?: string;
}

/** A form made from a config's JSON Schema. What is wrong is said by the server and shown at its field. */
export function ConfigForm({ schema, value, onChange, problems, place = "/config" }: ConfigFormProps) {
  return (
    <div className={classes.fields}>
      {shownFields(schema, value, problems, place).map((field) => (
        <div key={field.name} data-place={place + pointerOf(field.name)}>
          <ConfigField
            field={field}
            value={value[field.name]}
            onChange={(next, whole) => onChange({ [field.name]: next }, whole || isChosen(field))}
            onBeside={(change) => onChange(change, true)}
            problems={problems}
            place={place + pointerOf(field.name)}
            beside={value}
            settings={propertiesOf(schema)}
          />
        </div>
      ))}
    </div>
  );
}

const asText = (value: unknown): string => (typeof value === "string" ? value : "");
const orNothing = (text: string): string | undefined => (text === "" ? undefined : text);

function ConfigField(props: FieldProps) {
  const { field, value, onChange, problems, place } = props;
  const { t } = useTranslation();
  const readOnly = useReadOnly();
  const own = problemsAt(problems, place);
  const common = {
    label: field.title,
    description: field.description,
    withAsterisk: field.required,
    error: own.length > 0 ? <ProblemTexts problems={own} /> : undefined,
    "data-testid": `config-${field.name}`,
  };
  switch (field.control) {
    case "expression":
      return <ExpressionField {...props} />;
    case "cases":
      return <CasesField {...props} />;
    case "pairs":
      return <PairsField {...props} />;
    case "list":
      return <MembersField {...props} />;
    case "fileColumns":
      return (
        <Suspense fallback={<div style={{ height: 80 }} />}>
          <ColumnsField {...props} />
        </Suspense>
      );
    case "timeZone":
      return <ZoneField {...common} value={asText(value)} onChange={onChange} />;
    case "cron":
      return (
        <Suspense fallback={<div style={{ height: 200 }} />}>
          <CronField
            {...common}
            value={asText(value)}
            preset={asText(field.schema.default)}
            timeZone={asText(props.beside.timeZone) || "UTC"}
            onChange={onChange}
          />
        </Suspense>
      );
    case "group":
      return <GroupField {...props} />;
    case "duration":
      return <DurationField {...common} name={field.name} schema={field.schema} value={value} onChange={onChange} />;
    case "node":
      return <NodeField {...common} schema={field.schema} value={asText(value)} onChange={onChange} />;
    case "flow":
      return <FlowField {...common} value={asText(value)} onChange={onChange} />;
    case "referenceTable":
      return <TableField {...common} value={asText(value)} onChange={onChange} />;
    case "outcomes":
      return <OutcomesField {...common} schema={field.schema} value={value} onChange={onChange} />;
    case "canonicalSchema":
      return (
        <Suspense fallback={<div style={{ height: 60 }} />}>
          <SchemaField {...common} value={asText(value)} onChange={onChange} />
        </Suspense>
      );
    case "choice":
      return (
        <Select
          {...common}
          data={choicesOf(field.schema)}
          value={typeof value === "string" ? value : asText(field.schema.default) || null}
          onChange={(choice) => onChange(choice ?? undefined)}
          clearable={!field.required && !readOnly}
          clearButtonProps={{ "aria-label": t("common.none") }}
        />
      );
    case "choices":
      return <ChoicesField {...common} schema={field.schema} value={value} onChange={onChange} />;
    case "boolean":
      return (
        <Switch
          label={field.title}
          description={field.description}
          checked={(value ?? field.schema.default) === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
          data-testid={`config-${field.name}`}
        />
      );
    case "number":
      return (
        <NumberField
          {...common}
          value={typeof value === "number" ? value : undefined}
          placeholder={field.schema.default === undefined ? "" : String(field.schema.default)}
          limits={limitsOf(field.schema)}
          mayBeEmpty={!field.required}
          onChange={onChange}
        />
      );
    case "texts":
      return (
        <TagsInput
          {...common}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={(texts) => onChange(texts.length > 0 ? texts : undefined)}
        />
      );
    case "lines":
      return (
        <Textarea
          {...common}
          autosize
          minRows={3}
          value={asText(value)}
          onChange={(event) => onChange(orNothing(event.currentTarget.value))}
        />
      );
    case "text":
      return (
        <TextInput
          {...common}
          value={asText(value)}
          placeholder={asText(field.schema.default)}
          onChange={(event) => onChange(orNothing(event.currentTarget.value))}
        />
      );
    case "json":
      return <JsonField {...props} />;
  }
}

function ExpressionField({ field, value, onChange, problems, place }: FieldProps) {
  const own = problemsAt(problems, place);
  const mapping = useMappingPlace();
  const small = field.schema["x-rows"] === 1;
  const frame = (editor: ReactNode) => (
    <div
      className={classes.editor}
      data-error={own.length > 0 || undefined}
      style={{ marginTop: 4 }}
      data-testid={`config-${field.name}`}
    >
      {editor}
    </div>
  );
  const common = { label: field.title, value: asText(value) };
  return (
    <Input.Wrapper label={field.title} description={field.description} withAsterisk={field.required} labelElement="div">
      <Suspense fallback={<div style={{ height: small ? 32 : 120 }} />}>
        {mapping && !small ? (
          <MappingField {...common} place={mapping} onText={(text, whole) => onChange(orNothing(text), whole)} frame={frame} />
        ) : (
          frame(<ExpressionEditor {...common} onChange={(text) => onChange(orNothing(text))} small={small} />)
        )}
      </Suspense>
      <div style={{ marginTop: 4 }}>
        <ProblemTexts problems={besideEditor(own)} />
      </div>
    </Input.Wrapper>
  );
}

function GroupField({ field, value, onChange, problems, place }: FieldProps) {
  const inside: Record<string, unknown> = typeof value === "object" && value !== null ? { ...value } : {};
  return (
    <fieldset style={{ margin: 0, padding: 12, border: "1px solid var(--ol-line)", borderRadius: 8 }}>
      <legend style={{ padding: "0 4px", fontSize: 12, fontWeight: 500 }}>{field.title}</legend>
      <ConfigForm
        schema={field.schema}
        value={inside}
        onChange={(change, whole) => onChange(withChange(inside, change), whole)}
        problems={problems}
        place={place}
      />
    </fieldset>
  );
}

/** A list whose members may have a form of their own. */
function MembersField(props: FieldProps) {
  const items = props.field.schema.items;
  const schema: Record<string, unknown> = typeof items === "object" && items !== null ? { ...items } : {};
  return (
    <ListField
      {...props}
      form={(value, place, onChange) => (
        <ConfigForm
          schema={schema}
          value={value}
          onChange={(change) => onChange(withChange(value, change))}
          problems={props.problems}
          place={place}
        />
      )}
    />
  );
}

/** A value for which there is no form: as JSON text, taken over as soon as it can be read. */
function JsonField({ field, value, onChange, problems, place }: FieldProps) {
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const [fault, setFault] = useState<string | null>(null);
  const own = problemsAt(problems, place);
  const change = (next: string) => {
    setText(next);
    try {
      onChange(next.trim() === "" ? undefined : JSON.parse(next));
      setFault(null);
    } catch (raw) {
      setFault(jsonSyntaxError(next, raw).message);
    }
  };
  return (
    <JsonInput
      label={field.title}
      description={field.description}
      withAsterisk={field.required}
      autosize
      minRows={2}
      size="xs"
      value={text}
      onChange={change}
      error={fault ?? (own.length > 0 ? <ProblemTexts problems={own} /> : undefined)}
      data-testid={`config-${field.name}`}
    />
  );
}
