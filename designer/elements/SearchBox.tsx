import { ActionIcon, TextInput, type TextInputProps } from "@mantine/core";
import { Search, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useHeldText } from "./useHeldText.ts";

interface SearchFieldProps extends Pick<TextInputProps, "onBlur" | "onKeyDown"> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  width?: number | string;
}

/** A search whose text its screen holds itself. */
export function SearchField({ label, value, onChange, width = 320, ...rest }: SearchFieldProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      type="search"
      w={width}
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      leftSection={<Search size={14} aria-hidden />}
      rightSection={
        value && (
          <ActionIcon size="sm" aria-label={t("common.clearSearch")} onClick={() => onChange("")}>
            <X size={14} />
          </ActionIcon>
        )
      }
      {...rest}
    />
  );
}

/** A search that stands in the address: it loses no key, and the list follows a moment after the last. */
export function SearchBox({ value, onChange, ...rest }: SearchFieldProps) {
  const { text, type, flush } = useHeldText(value, onChange);
  return (
    <SearchField {...rest} value={text} onChange={type} onBlur={flush} onKeyDown={({ key }) => key === "Enter" && flush()} />
  );
}
