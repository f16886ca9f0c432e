import { JsonInput, NumberInput, PasswordInput, Select, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Setting } from "./settings.ts";

interface SettingFieldProps {
  field: Setting;
  value: unknown;
  /** The connection has this secret already. */
  kept: boolean;
  /** Where the secret would go from now on, so that it has to be given again; null when it stays where it was. */
  again: string | null;
  onChange: (value: unknown) => void;
}

export function SettingField({ field, value, kept, again, onChange }: SettingFieldProps) {
  const { t } = useTranslation();
  const { name, title, description, type, choices, secret, required } = field;
  const common = {
    label: title,
    description,
    withAsterisk: (required && !kept) || again !== null,
    "data-testid": `setting-${name}`,
  };
  const text = typeof value === "string" ? value : "";
  if (secret) {
    return (
      <PasswordInput
        {...common}
        size="xs"
        value={text}
        required={again !== null}
        error={again !== null && text === "" ? t("connectionForm.again", { places: again }) : null}
        placeholder={kept && again === null ? t("connectionForm.kept") : ""}
        onChange={(event) => onChange(event.currentTarget.value)}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
      />
    );
  }
  switch (type) {
    case "number":
      return (
        <NumberInput
          {...common}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onChange(next === "" ? undefined : Number(next))}
        />
      );
    case "switch":
      return <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "choice":
      return <Select {...common} data={choices} value={text || null} onChange={onChange} clearable={!required} />;
    case "json":
      return <JsonField common={common} value={value} onChange={onChange} />;
    default:
      return <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} autoComplete="off" />;
  }
}

interface JsonFieldProps {
  common: object;
  value: unknown;
  onChange: (value: unknown) => void;
}

function JsonField({ common, value, onChange }: JsonFieldProps) {
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  return (
    <JsonInput
      {...common}
      value={text}
      autosize
      minRows={2}
      onChange={(next) => {
        setText(next);
        try {
          onChange(next === "" ? undefined : JSON.parse(next));
        } catch {
          // What cannot be read yet is not taken over; the field itself shows it.
        }
      }}
    />
  );
}
