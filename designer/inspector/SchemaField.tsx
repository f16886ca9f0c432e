import { Select } from "@mantine/core";
import type { ReactNode } from "react";
import { canonicalSchemas } from "#schemas/canonical/registry.ts";

interface SchemaFieldProps {
  label: string;
  description: ReactNode;
  withAsterisk: boolean;
  error: ReactNode;
  value: string;
  onChange: (value: string | undefined) => void;
  "data-testid": string;
}

/** One of the canonical schemas, by its title and the name that flows know it by. */
export default function SchemaField({ value, onChange, ...rest }: SchemaFieldProps) {
  const known = canonicalSchemas().map(({ name, title, version }) => ({ value: name, label: `${title} (${name}, ${version})` }));
  // One that is not installed here stays: the problem at the field says so.
  const data = value === "" || known.some((one) => one.value === value) ? known : [...known, { value, label: value }];
  return (
    <Select
      {...rest}
      data={data}
      value={value === "" ? null : value}
      onChange={(name) => onChange(name ?? undefined)}
      allowDeselect={!rest.withAsterisk}
    />
  );
}
