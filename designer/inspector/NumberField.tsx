import { NumberInput, type NumberInputProps } from "@mantine/core";
import type { TFunction } from "i18next";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { allows, type Limits } from "./limits.ts";

interface NumberFieldProps extends Omit<NumberInputProps, "value" | "onChange" | "min" | "max" | "error"> {
  value: number | undefined;
  limits: Limits;
  /** True when the field may be left empty; otherwise the value from before comes back. */
  mayBeEmpty?: boolean;
  onChange: (value: number | undefined) => void;
  error?: ReactNode;
}

/**
 * A number within its schema's limits. What is typed stays in the field until the schema allows it, so that a draft is
 * never made unsaveable by a half-typed number; leaving the field brings it back within the limits.
 */
export function NumberField({ value, limits, mayBeEmpty = false, onChange, error, ...rest }: NumberFieldProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<number | string>(value ?? "");
  useEffect(() => setTyped(value ?? ""), [value]);
  const allowed = typeof typed === "number" ? allows(limits, typed) : mayBeEmpty;
  const change = (next: number | string) => {
    setTyped(next);
    if (typeof next === "number" ? allows(limits, next) : mayBeEmpty) onChange(typeof next === "number" ? next : undefined);
  };
  return (
    <NumberInput
      {...rest}
      {...(limits.least === undefined ? {} : { min: limits.least })}
      {...(limits.most === undefined ? {} : { max: limits.most })}
      clampBehavior="blur"
      allowDecimal={!limits.whole}
      thousandSeparator=" "
      value={typed}
      onChange={change}
      onBlur={() => typeof typed !== "number" && !mayBeEmpty && setTyped(value ?? "")}
      error={allowed ? error : rangeText(limits, t)}
    />
  );
}

function rangeText({ least, most }: Limits, t: TFunction): string {
  const shown = (limit: number) => limit.toLocaleString();
  if (least !== undefined && most !== undefined) return t("inspector.between", { least: shown(least), most: shown(most) });
  if (least !== undefined) return t("inspector.atLeast", { least: shown(least) });
  return most === undefined ? t("inspector.numberNeeded") : t("inspector.atMost", { most: shown(most) });
}
