import { Input, Select } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { duration } from "../elements/time.ts";
import { allows, limitsOf } from "./limits.ts";
import { NumberField } from "./NumberField.tsx";
import { type Unit, unitNames, unitOf, units } from "./units.ts";

interface DurationFieldProps {
  name: string;
  label: string;
  description: ReactNode;
  withAsterisk: boolean;
  error: ReactNode;
  schema: Record<string, unknown>;
  value: unknown;
  onChange: (value: number | undefined) => void;
  "data-testid": string;
}

/** A length of time: a number and its unit, kept in seconds. */
export function DurationField(props: DurationFieldProps) {
  const { name, label, description, schema, value, onChange, withAsterisk, error, "data-testid": testid } = props;
  const { t } = useTranslation();
  const id = useId();
  const seconds = typeof value === "number" ? value : undefined;
  const preset = typeof schema.default === "number" ? schema.default : undefined;
  const [unit, setUnit] = useState<Unit>(() => unitOf(seconds ?? preset));
  const limits = limitsOf(schema);
  const inUnit = (limit: number | undefined) => (limit === undefined ? undefined : limit / units[unit]);
  const change = (next: Unit) => {
    setUnit(next);
    if (seconds === undefined) return;
    const meant = (seconds / units[unit]) * units[next];
    // "90" with another unit is another time; where that would be too long, the time stays and is told in the new unit.
    if (allows(limits, meant)) onChange(meant);
  };
  return (
    <Input.Wrapper label={label} description={description} error={error} withAsterisk={withAsterisk} labelProps={{ htmlFor: id }}>
      <div style={{ display: "flex", alignItems: "flex-start", marginTop: 4, gap: 8 }}>
        <NumberField
          id={id}
          data-testid={testid}
          error={error ? true : undefined}
          value={seconds === undefined ? undefined : seconds / units[unit]}
          placeholder={preset === undefined ? "" : duration(preset * 1_000)}
          limits={{ least: inUnit(limits.least), most: inUnit(limits.most), whole: false }}
          mayBeEmpty={!withAsterisk}
          onChange={(number) => onChange(number === undefined ? undefined : number * units[unit])}
          style={{ flex: 1 }}
        />
        <Select
          aria-label={t("inspector.unitOf", { title: label })}
          value={unit}
          onChange={(next) => next && change(next as Unit)}
          data={unitNames.map((one) => ({ value: one, label: t(`inspector.unit.${one}`) }))}
          allowDeselect={false}
          style={{ width: 112 }}
          data-testid={`unit-${name}`}
        />
      </div>
    </Input.Wrapper>
  );
}
