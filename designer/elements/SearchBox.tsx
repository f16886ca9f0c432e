import { ActionIcon, TextInput } from "@mantine/core";
import { Search, X } from "lucide-react";
import { useTranslation } from "react-i18next";

interface SearchBoxProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  width?: number | string;
  autoFocus?: boolean;
}

export function SearchBox({ label, value, onChange, width = 320, autoFocus = false }: SearchBoxProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      type="search"
      w={width}
      aria-label={label}
      placeholder={label}
      value={value}
      data-autofocus={autoFocus || undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
      leftSection={<Search size={14} aria-hidden />}
      rightSection={
        value && (
          <ActionIcon size="sm" aria-label={t("common.clearSearch")} onClick={() => onChange("")}>
            <X size={14} />
          </ActionIcon>
        )
      }
    />
  );
}
