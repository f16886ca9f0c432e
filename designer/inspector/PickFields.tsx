import { Autocomplete, MultiSelect, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { outcomeClasses } from "#schemas/outcomeClass.ts";
import { flowsQuery, tablesQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { selectFlow, useDraft } from "../canvas/draft.ts";
import { choicesOf } from "./fields.ts";

interface PickFieldProps {
  label: string;
  description: ReactNode;
  withAsterisk: boolean;
  error: ReactNode;
  "data-testid": string;
}

interface NamedFieldProps extends PickFieldProps {
  value: string;
  onChange: (value: string | undefined) => void;
}

interface Choice {
  value: string;
  label: string;
}

/** Choices with what is chosen among them, though it may have gone. */
const withChosen = (choices: Choice[], value: string): Choice[] =>
  value === "" || choices.some((choice) => choice.value === value) ? choices : [...choices, { value, label: value }];

const named = (id: string, name: string | undefined): Choice => ({ value: id, label: name ? `${name} (${id})` : id });

/** A node of the flow, of the type that the schema names. */
export function NodeField({ schema, value, onChange, ...rest }: NamedFieldProps & { schema: Record<string, unknown> }) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const fitting = flow.nodes.filter(({ type }) => type === schema["x-node-type"]).map(({ id, name }) => named(id, name));
  return (
    <Select
      {...rest}
      placeholder={t(fitting.length > 0 ? "inspector.nodePick" : "inspector.nodeNone")}
      data={withChosen(fitting, value)}
      value={value === "" ? null : value}
      onChange={(id) => onChange(id ?? undefined)}
    />
  );
}

/** Another flow of this installation. */
export function FlowField({ value, onChange, ...rest }: NamedFieldProps) {
  const { t } = useTranslation();
  const own = useDraft((state) => selectFlow(state).id);
  const { id: environment } = useEnvironment();
  const flows = useQuery(flowsQuery(environment));
  const others = (flows.data?.items ?? []).filter(({ id }) => id !== own).map(({ id, name }) => named(id, name));
  return (
    <Select
      {...rest}
      searchable
      placeholder={t("inspector.flowPick")}
      nothingFoundMessage={flows.error?.message ?? t("inspector.flowNone")}
      data={withChosen(others, value)}
      value={value === "" ? null : value}
      onChange={(id) => onChange(id ?? undefined)}
    />
  );
}

/** Some of the texts that the schema allows, in its order; what stands when nothing is chosen shows as chosen. */
export function ChoicesField({ schema, value, onChange, ...rest }: OutcomesFieldProps) {
  const { items, default: usual } = schema;
  const choices = typeof items === "object" && items !== null ? choicesOf({ ...items }) : [];
  const chosen = Array.isArray(value) ? value : Array.isArray(usual) ? usual : [];
  return (
    <MultiSelect
      {...rest}
      data={choices}
      value={chosen.map(String)}
      onChange={(names) =>
        onChange(names.length > 0 ? choices.flatMap((one) => (names.includes(one.value) ? [one.value] : [])) : undefined)
      }
    />
  );
}

/** A reference table of the environment one is in; another name may be given, for a table that is still to come. */
export function TableField({ value, onChange, ...rest }: NamedFieldProps) {
  const { id: environment } = useEnvironment();
  const tables = useQuery(tablesQuery(environment));
  return (
    <Autocomplete
      {...rest}
      data={(tables.data?.items ?? []).map(({ name }) => name)}
      value={value}
      onChange={(name) => onChange(name === "" ? undefined : name)}
    />
  );
}

interface OutcomesFieldProps extends PickFieldProps {
  schema: Record<string, unknown>;
  value: unknown;
  onChange: (value: string[] | undefined) => void;
}

/** Some of the outcome classes, as far as the schema allows them. */
export function OutcomesField({ schema, value, onChange, ...rest }: OutcomesFieldProps) {
  const { t } = useTranslation();
  const items: unknown = schema.items;
  const allowed = typeof items === "object" && items !== null && "enum" in items && Array.isArray(items.enum) ? items.enum : null;
  const offered = outcomeClasses.filter((name) => allowed === null || allowed.includes(name));
  return (
    <MultiSelect
      {...rest}
      data={offered.map((name) => ({ value: name, label: t(`outcome.${name}`) }))}
      value={Array.isArray(value) ? value.map(String) : []}
      onChange={(names) => onChange(names.length > 0 ? outcomeClasses.filter((name) => names.includes(name)) : undefined)}
    />
  );
}
